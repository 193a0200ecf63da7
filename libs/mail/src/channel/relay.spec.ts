import type { AddressInfo, Socket } from 'node:net';
import { sampleReply, SendUncertain } from '@fanin/connector-kit';
import { SMTPServer } from 'smtp-server';
import { MailAccountConfig } from './mail-account.js';
import { createMailSender, type MailSender } from './mail-sender.js';

const reply = sampleReply({ tenant: 'demo', account_id: 'mail' });
const context = { signal: new AbortController().signal, attachment: () => Promise.reject(new Error('none')) };

describe('a relay whose line breaks', () => {
  const sockets = new Set<Socket>();
  const breakLines = (): void => sockets.forEach((socket) => socket.destroy());
  let breaksAt: 'recipient' | 'end' | 'nowhere';
  let bodies = 0;
  let server: SMTPServer;
  let sender: MailSender;

  beforeEach(async () => {
    bodies = 0;
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: (_address, _session, callback) => (breaksAt === 'recipient' ? breakLines() : callback()),
      onData: (stream, _session, callback) => {
        stream.resume();
        stream.on('end', () => {
          bodies += 1;
          if (breaksAt === 'end') breakLines();
          else callback();
        });
      },
    });
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const relay = { host: '127.0.0.1', port, encryption: 'none' as const };
    const account = Object.assign(new MailAccountConfig(), { addresses: ['support@shop.example'], relay });
    sender = createMailSender({ account, secrets: ['a-signing-secret-of-the-test'], outboxFolder: undefined });
  });
  afterEach(async () => {
    await sender.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it('before the body leaves nothing behind: it can be sent again', async () => {
    breaksAt = 'recipient';
    await expect(sender.send(reply, context)).rejects.toMatchObject({ code: 'TRANSIENT' });
    breaksAt = 'nowhere';
    await expect(sender.send(reply, context)).resolves.toMatchObject({ status: 'sent' });
    expect(bodies).toBe(1);
  });

  it('after the body leaves it open whether the mail was taken: it is not sent again', async () => {
    breaksAt = 'end';
    await expect(sender.send(reply, context)).rejects.toBeInstanceOf(SendUncertain);
    expect(bodies).toBe(1);
  });
});
