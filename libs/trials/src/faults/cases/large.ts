import { setTimeout as sleep } from 'node:timers/promises';
import { HttpCalls } from '../../drive/doors/http-post.js';
import { VENDOR_ACCOUNTS } from '../../system/vendors.js';
import type { FaultCase, FaultRun } from '../case.js';
import { handIn, largeMail, MIB, notWhole } from '../large-mails.js';

/** The SMTP door says SIZE 26214400; a log takes no record of a tenth of that. */
const LARGE_BYTES = 20 * MIB;
const TOO_LARGE_BYTES = 27 * MIB;

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
      const taken = await handIn(run.system, largeMail(id, LARGE_BYTES));
      if (taken === 250) {
        oracle.acknowledged(one);
        kept.push(id);
      } else run.fault(`a mail of 20 MiB was answered with ${taken}`);
      const tooLarge = await handIn(run.system, largeMail(`too-${id}`, TOO_LARGE_BYTES));
      if (tooLarge !== 552) run.fault(`a mail of 27 MiB was answered with ${tooLarge}, not 552`);
      const hook = await webhookOf(run, LARGE_BYTES);
      if (hook !== 413) run.fault(`a webhook of 20 MiB was answered with ${hook}, not 413`);
      await sleep(run.random.between(100, 1_000));
    } while (performance.now() < over);
    const others = oracle.acknowledgedCount - began - kept.length;
    if (others === 0) run.fault('nobody else was served');
    for (const line of await notWhole(run.system, kept, LARGE_BYTES)) run.fault(line);
    run.note(`${rounds} of each; ${others} other messages meanwhile`);
  },
};

export const LARGE_CASES: readonly FaultCase[] = [large];
