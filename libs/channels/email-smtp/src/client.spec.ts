import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { openSmtpDoor, type SmtpDoor } from './client.js';

const SHARE = 50;

describe('connections of one address', () => {
  let door: SmtpDoor;
  const open: Socket[] = [];

  beforeEach(async () => {
    door = await openSmtpDoor({
      host: '127.0.0.1',
      port: 0,
      maxBytes: 1_000,
      events: { recipient: () => undefined, mail: () => Promise.resolve(undefined) },
      onError: () => undefined,
    });
  });

  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await door.close();
  });

  /** A client that connects and says nothing; resolves with what it is greeted with. */
  async function greetingFor(localAddress = '127.0.0.1'): Promise<string> {
    const socket = createConnection({ host: '127.0.0.1', port: door.port, localAddress });
    open.push(socket);
    const [line] = (await once(socket, 'data')) as [Buffer];
    return line.toString();
  }

  const greetings = (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, () => greetingFor()));

  it('beyond its share are sent away to come again, those of others are not', async () => {
    expect((await greetings(SHARE)).filter((line) => !line.startsWith('220'))).toEqual([]);
    expect(await greetingFor()).toMatch(/^421 4\.7\.0 .*come again later/);
    // Whoever was not let in holds no place.
    expect(await greetingFor()).toMatch(/^421/);
    expect(await greetingFor('127.0.0.2')).toMatch(/^220/);
  });

  it('make room when they end, however they end', async () => {
    await greetings(SHARE);
    const [first, second] = open;
    first?.destroy();
    second?.write('QUIT\r\n');
    for (const socket of [first, second]) if (socket?.closed === false) await once(socket, 'close');
    // The server hears of the end a moment later.
    for (let taken = 0; taken < 2;) if (/^220/.test(await greetingFor())) taken += 1;
    expect(await greetingFor()).toMatch(/^421/);
  });
});
