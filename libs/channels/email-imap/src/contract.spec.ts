import { channelContract } from '@fanin/connector-kit';
import { toFaninError } from './errors.js';
import { channel } from './index.js';
import { startScriptedImap, type ScriptedImap } from './testing/scripted-imap.js';

let server: ScriptedImap | undefined;
const imap = async (): Promise<ScriptedImap> => (server ??= await startScriptedImap());

const failed = (fields: object): Error => Object.assign(new Error('Command failed'), fields);

channelContract({
  channel,
  source: import.meta.dirname,
  config: async () => {
    const { port, password } = await imap();
    return {
      addresses: ['support@shop.example'],
      from_name: 'Shop Support',
      imap: { host: '127.0.0.1', port, encryption: 'none', user: 'support', password },
      relay: { host: '127.0.0.1', port: 9, encryption: 'none', user: 'shop', password: 'password-of-the-relay' },
    };
  },
  errors: {
    translate: toFaninError,
    cases: [
      {
        what: 'wrong user or password (NO [AUTHENTICATIONFAILED])',
        error: failed({ authenticationFailed: true, responseStatus: 'NO', serverResponseCode: 'AUTHENTICATIONFAILED' }),
        code: 'AUTH',
      },
      {
        what: 'the login is refused without a reason (NO)',
        error: failed({ authenticationFailed: true, responseStatus: 'NO' }),
        code: 'AUTH',
      },
      {
        what: 'the line breaks during the login',
        error: failed({ authenticationFailed: true, code: 'NoConnection' }),
        code: 'TRANSIENT',
      },
      {
        what: 'the login service of the server is down (NO [UNAVAILABLE])',
        error: failed({ authenticationFailed: true, responseStatus: 'NO', serverResponseCode: 'UNAVAILABLE' }),
        code: 'TRANSIENT',
      },
      {
        what: 'no login without TLS (LOGINDISABLED)',
        error: failed({ authenticationFailed: true }),
        code: 'CONFIG',
      },
      {
        what: 'no such folder (NO [NONEXISTENT])',
        error: failed({ responseStatus: 'NO', serverResponseCode: 'NONEXISTENT' }),
        code: 'CONFIG',
      },
      {
        what: 'the user may not read the folder (NO [NOPERM])',
        error: failed({ responseStatus: 'NO', serverResponseCode: 'NOPERM' }),
        code: 'PERMISSION',
      },
      {
        what: 'the certificate of the server is signed by an unknown authority',
        error: failed({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
        code: 'CONFIG',
      },
      { what: 'the server offers no STARTTLS', error: failed({ tlsFailed: true }), code: 'CONFIG' },
      {
        what: 'too many connections (BYE)',
        error: failed({ code: 'ClosedAfterConnectTLS', reason: 'Too many simultaneous connections' }),
        code: 'RATE_LIMITED',
      },
      {
        what: 'the server throttles (BAD … Request is throttled)',
        error: failed({ code: 'ETHROTTLE', responseStatus: 'BAD' }),
        code: 'RATE_LIMITED',
      },
      { what: 'nobody listens', error: failed({ code: 'ECONNREFUSED' }), code: 'TRANSIENT' },
      { what: 'the connection breaks, or a deadline passes', error: failed({ code: 'ETIMEOUT' }), code: 'TRANSIENT' },
      { what: 'a response that cannot be read', error: failed({ code: 'ParserError11' }), code: 'TRANSIENT' },
    ],
  },
  poll: {
    async fill() {
      const scripted = await imap();
      scripted.silent = false;
      for (let count = 0; count < 2; count += 1) {
        const uid = scripted.uidNext;
        scripted.mails.push({
          uid,
          raw: `From: ada@customer.example\r\nSubject: Mail ${uid}\r\nMessage-ID: <contract-${uid}@customer.example>\r\n\r\nHello ${uid}\r\n`,
        });
        scripted.uidNext += 1;
      }
    },
    async hang() {
      (await imap()).silent = true;
    },
  },
  close: async () => server?.close(),
});
