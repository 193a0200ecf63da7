import { channelContract, type ChannelHost } from '@fanin/connector-kit';
import { createConnection } from 'node:net';
import { FaninError } from '@fanin/kernel';
import { createInterface } from 'node:readline';
import { channel } from './index.js';
import { toFaninError } from './errors.js';

const CONFIG = {
  addresses: ['support@shop.example'],
  from_name: 'Shop Support',
  relay: { host: '127.0.0.1', port: 9, encryption: 'none', user: 'shop', password: 'password-of-the-relay' },
};

/** The port that `open` took, as it logs it. */
function portOf(host: ChannelHost): number {
  const lines = (host as ChannelHost & { readonly logged: readonly string[] }).logged;
  for (const line of lines) {
    const port = (JSON.parse(line) as { port?: number }).port;
    if (port !== undefined) return port;
  }
  throw new Error('the SMTP door did not log its port');
}

/** Says a mail to the door line by line; resolves with the code of the answer to the last dot. */
async function say(port: number, lines: readonly string[]): Promise<number> {
  const socket = createConnection(port, '127.0.0.1');
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async (): Promise<number> => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done === true) throw new FaninError('TRANSIENT', 'the door hung up');
      if (/^\d{3} /.test(value)) return Number(value.slice(0, 3));
    }
  };
  await next();
  let code = 0;
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    code = await next();
    if (code >= 400) break;
  }
  socket.end();
  return code;
}

let sent = 0;

channelContract({
  channel,
  source: import.meta.dirname,
  config: CONFIG,
  errors: {
    translate: toFaninError,
    cases: [
      {
        what: 'the relay refuses the login (535)',
        error: Object.assign(new Error('Invalid login'), { code: 'EAUTH', responseCode: 535 }),
        code: 'AUTH',
      },
      {
        what: 'the relay offers no STARTTLS',
        error: Object.assign(new Error('no tls'), { code: 'ETLS' }),
        code: 'CONFIG',
      },
      {
        what: 'the relay asks to come again (4xx)',
        error: Object.assign(new Error('greylisted'), { responseCode: 450 }),
        code: 'TRANSIENT',
      },
      {
        what: 'the relay refuses a recipient or the mail for good (5xx)',
        error: Object.assign(new Error('no such user'), { responseCode: 550 }),
        code: 'BAD_PAYLOAD',
      },
      {
        what: 'the relay does not answer',
        error: Object.assign(new Error('connect'), { code: 'ECONNECTION' }),
        code: 'TRANSIENT',
      },
    ],
  },
  stream: {
    async offer(_instance, host) {
      sent += 1;
      const body = `From: ada@customer.example\r\nSubject: Mail ${sent}\r\nMessage-ID: <contract-${sent}@customer.example>\r\n\r\nHello\r\n.`;
      const code = await say(portOf(host), [
        'EHLO customer.example',
        'MAIL FROM:<ada@customer.example>',
        'RCPT TO:<support@shop.example>',
        'DATA',
        body,
      ]);
      return code === 250 ? 'acknowledged' : 'refused';
    },
  },
  host: { smtp: { host: '127.0.0.1', port: 0 } },
});
