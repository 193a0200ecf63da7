import { messageOf } from '@fanin/kernel';
import type { PollCapture } from '../capture.js';
import type { PollDriver } from './channel-contract.js';
import { demand } from './demand.js';
import { within } from './gate.js';
import type { ContractSubject } from './subject.js';

/** Guards against a poll that says `more` for ever. */
const MOST_ROUNDS = 50;

/** A poll reads forward from the cursor it is given, again and again the same, and stops when told. */
export function pollChecks(driver: PollDriver, subject: ContractSubject): void {
  const capture = async (): Promise<PollCapture> => {
    const { instance } = await subject.running();
    demand(instance.capture.shape === 'poll', "src/capture.ts: the capture must have shape 'poll'");
    return instance.capture;
  };

  it('reads what waits and moves its cursor behind it', async () => {
    await driver.fill();
    const poll = await capture();
    const first = await drain(poll, null);
    demand(
      first.bodies.length >= 2,
      'src/capture.ts: poll(null) must return what waits at the provider (the driver filled in at least two)',
    );
    const rest = await drain(poll, first.cursor);
    const again = rest.bodies.filter((body) => first.bodies.includes(body)).length;
    demand(
      again === 0,
      `src/capture.ts: poll with the returned cursor brought ${again} deliveries a second time: the cursor must stand behind them`,
    );
  });
  it('brings the same again when the host could not store it', async () => {
    await driver.fill();
    const poll = await capture();
    const first = await drain(poll, null);
    const second = await drain(poll, null);
    const lost = first.bodies.filter((body) => !second.bodies.includes(body)).length;
    demand(
      lost === 0,
      `src/capture.ts: ${lost} deliveries did not come again from the old cursor: keep no position of your own, and change nothing at the provider before afterStored`,
    );
  });
  it('stops within 2 s of the signal', async () => {
    await driver.fill();
    const poll = await capture();
    await driver.hang();
    const stop = new AbortController();
    const running = poll.poll(null, stop.signal).catch((error: unknown) => subject.hear(error));
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort();
    await within(running, 2000, 'late').catch((error: unknown) =>
      demand(
        messageOf(error) !== 'late',
        'src/capture.ts: poll went on for more than 2 s after the signal: pass the signal to the client',
      ),
    );
  });
}

async function drain(
  poll: PollCapture,
  from: string | null,
): Promise<{ readonly bodies: readonly string[]; readonly cursor: string }> {
  const bodies: string[] = [];
  let cursor = from;
  const stop = new AbortController();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const outcome = await within(poll.poll(cursor, stop.signal), 20_000, 'poll did not return within 20 s');
    demand(
      typeof outcome.cursor === 'string' && outcome.cursor !== '',
      'src/capture.ts: poll must return the cursor behind its deliveries',
    );
    bodies.push(...outcome.deliveries.map((delivery) => delivery.body.toString('base64')));
    cursor = outcome.cursor;
    if (!outcome.more) return { bodies, cursor };
  }
  demand(false, `src/capture.ts: poll said \`more\` ${MOST_ROUNDS} times in a row`);
  return { bodies, cursor: cursor ?? '' };
}
