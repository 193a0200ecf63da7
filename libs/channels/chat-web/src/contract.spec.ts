import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { channelContract, type ChannelHost } from '@fanin/connector-kit';
import { channel } from './channel.js';
import { translateError } from './errors.js';
import { CLOSE, SessionEnd } from './session-end.js';
import { SOCKET_PATH } from './door.js';
import { RawSocket } from './spec-support/client-socket.js';
import { SECRET } from './spec-support/client-tokens.js';

const ORIGIN = 'https://fanin.example';
const failure = (code: string): Error => Object.assign(new Error('failed'), { code });

let server: Server | undefined;
let messages = 0;

/** A real HTTP server in front of the handler that the channel gave to the host. */
async function listen(host: ChannelHost): Promise<string> {
  if (server === undefined) {
    const { upgrades } = host.http as ChannelHost['http'] & {
      upgrades: ReadonlyMap<string, Parameters<ChannelHost['http']['onUpgrade']>[1]>;
    };
    server = createServer().on('upgrade', (request, socket, head) =>
      upgrades.get(SOCKET_PATH)?.(request, socket, head),
    );
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

channelContract({
  channel,
  source: import.meta.dirname,
  config: { allowed_origins: ['self'], jwt_keys: [{ kid: 'new', alg: 'HS256', key: SECRET }] },
  host: { publicUrl: ORIGIN },
  errors: {
    translate: translateError,
    cases: [
      { what: 'a socket is reset, the log is away', error: failure('ECONNRESET'), code: 'TRANSIENT' },
      { what: "a visitor's token has expired or is signed wrongly", error: failure('ERR_JWT_EXPIRED'), code: 'AUTH' },
      {
        what: 'a visitor is told to sign in (4401)',
        error: new SessionEnd(CLOSE.unauthorised, 'send a jwt'),
        code: 'AUTH',
      },
      {
        what: 'one address floods the door (4429)',
        error: new SessionEnd(CLOSE.flood, 'too many'),
        code: 'RATE_LIMITED',
      },
      { what: 'a frame against the protocol (4400)', error: new SessionEnd(CLOSE.badFrame, 'no'), code: 'BAD_PAYLOAD' },
      {
        what: 'a frame that is too big (1009)',
        error: failure('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'),
        code: 'BAD_PAYLOAD',
      },
    ],
  },
  stream: {
    offer: async (_instance, host) => {
      const socket = await RawSocket.hello(await listen(host), {}, { account: 'account-1', origin: ORIGIN });
      const id = `message-${(messages += 1)}`;
      socket.message(id, 'Does the lantern come with oil?');
      const answer = await socket.answer(id);
      socket.socket.close();
      return answer['type'] === 'ack' ? 'acknowledged' : 'refused';
    },
  },
  ownMessagesNeverReturn:
    'A reply is written into the transcript on the server; clients send frames of their visitor only, and no frame carries a reply back.',
  close: async () => {
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  },
});
