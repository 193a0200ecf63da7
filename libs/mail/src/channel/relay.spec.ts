import type { AddressInfo, Socket } from 'node:net';
import { SendUncertain } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { uuidv7 } from '@fanin/kernel';
import { SMTPServer } from 'smtp-server';
import { MailAccountConfig } from './mail-account.js';
import { createMailSender, type MailSender } from './mail-sender.js';

const reply: OutboundMessageV1 = {
  outbound_id: uuidv7(1_795_000_000_000),
  tenant: 'demo',
  account_id: 'mail',
  channel: 'email',
  channel_slug: 'email-smtp',
  ticket_id: uuidv7(1_795_000_000_001),
  ticket_number: 7,
  conversation_key: '<q@customer.example>',
  kind: 'reply',
  to: [{ kind: 'email', id: 'ada@customer.example', name: 'Ada' }],
  author_name: 'Ann',
  subject: 'Where is my order?',
  text: 'It was sent yesterday.',
  attachments: [],
  in_reply_to: '<q@customer.example>',
  references: ['<q@customer.example>'],
  provider_fields: {},
  created_at: '2026-11-21T09:00:00.000Z',
};
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
