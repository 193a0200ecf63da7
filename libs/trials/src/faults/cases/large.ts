import { HttpCalls } from '../../drive/doors/http-post.js';
import { SmtpLine } from '../../drive/doors/smtp-line.js';
import { markOf } from '../../oracle/oracle.js';
import { asSuperuser } from '../../system/as-superuser.js';
import { MAIL } from '../../system/system.js';
import { until } from '../../system/until.js';
import { VENDOR_ACCOUNTS } from '../../system/vendors.js';
import { sleep, type FaultCase, type FaultRun } from '../case.js';

const MIB = 1024 * 1024;
/** The SMTP door says SIZE 26214400; a log takes no record of a tenth of that. */
const LARGE_BYTES = 20 * MIB;
const TOO_LARGE_BYTES = 27 * MIB;
const FROM = 'large@customer.example';

const LINE = `${'a long story '.repeat(5)}\r\n`;

function mailOf(id: string, bytes: number): Buffer {
  const head = [
    `From: <${FROM}>`,
    `To: <${MAIL.a}>`,
    `Subject: Large ${id}`,
    `Message-ID: <${id}@customer.example>`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `${markOf(id)} what follows is long`,
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, LINE), Buffer.from('\r\n')]);
}

/** One mail over a line of its own; what the server said to it in the end, 0 when it hung up. */
async function handIn({ system }: FaultRun, mail: Buffer): Promise<number> {
  const line = await SmtpLine.open('127.0.0.1', system.smtpPort, '127.0.0.3');
  try {
    return (await line.send(FROM, MAIL.a, mail)).code;
  } catch {
    return 0;
  } finally {
    line.close();
  }
}

async function webhookOf({ system }: FaultRun, bytes: number): Promise<number> {
  const calls = new HttpCalls();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = `${system.url}/hooks/${VENDOR_ACCOUNTS.phone}`;
  try {
    return (await calls.call({ method: 'POST', url, headers, body: Buffer.alloc(bytes, 'Body=x&') })).status;
  } finally {
    calls.close();
  }
}

/** Lines on mails whose original is not what was handed in, byte for byte. */
function notWhole({ system }: FaultRun, ids: readonly string[]): Promise<readonly string[]> {
  return asSuperuser(system, async (client) => {
    const lines: string[] = [];
    for (const id of ids) {
      const find = 'SELECT id FROM tickets.messages WHERE provider_message_id LIKE $1';
      const found = async (): Promise<string | undefined> =>
        (await client.query<{ id: string }>(find, [`%${id}@%`])).rows[0]?.id;
      const message = await until(`${id} is a message`, found, 60_000);
      const raw = await system.api.a.bytes(`/messages/${message}/raw`);
      if (!raw.equals(mailOf(id, LARGE_BYTES)))
        lines.push(`the original of ${id} is not the mail, it has ${raw.length} bytes`);
    }
    return lines;
  });
}

const large: FaultCase = {
  name: 'large-bodies',
  what: 'mails of 20 MiB, which are kept by reference, and of 27 MiB and webhooks of 20 MiB, which are refused',
  forms: ['cluster', 'standalone'],
  streams: ['smtp', 'twilio', 'chat'],
  seconds: 12,
  async breakThings(run) {
    const { recorder: oracle } = run;
    const over = performance.now() + run.seconds * 1000;
    const began = oracle.acknowledgedCount;
    const kept: string[] = [];
    let rounds = 0;
    do {
      rounds += 1;
      const id = `large-${Math.floor(performance.now())}-${rounds}`;
      const one = { door: 'smtp', account: 'a/a-mail', id, conversation: id, n: 1, atMs: Date.now() };
      const taken = await handIn(run, mailOf(id, LARGE_BYTES));
      if (taken === 250) {
        oracle.acknowledged(one);
        kept.push(id);
      } else run.fault(`a mail of 20 MiB was answered with ${taken}`);
      const tooLarge = await handIn(run, mailOf(`too-${id}`, TOO_LARGE_BYTES));
      if (tooLarge !== 552) run.fault(`a mail of 27 MiB was answered with ${tooLarge}, not 552`);
      const hook = await webhookOf(run, LARGE_BYTES);
      if (hook !== 413) run.fault(`a webhook of 20 MiB was answered with ${hook}, not 413`);
      await sleep(run.random.between(100, 1_000));
    } while (performance.now() < over);
    const others = oracle.acknowledgedCount - began - rounds;
    if (others === 0) run.fault('nobody else was served');
    for (const line of await notWhole(run, kept)) run.fault(line);
    run.note(`${rounds} of each; ${others} other messages meanwhile`);
  },
};

export const LARGE_CASES: readonly FaultCase[] = [large];
