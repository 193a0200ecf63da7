import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemUnderTest } from '../../system/system.js';
import type { FaultCase, FaultRun } from '../case.js';

type Board = SystemUnderTest['vendors']['twilio']['simulator']['faults'];
type Fault = Parameters<Board['add']>[0];

/** What a vendor does on its worst day, a few times each. */
const WORST: readonly Fault[] = [
  { where: 'webhook', kind: 'drop', times: 3 },
  { where: 'webhook', kind: 'duplicate', times: 4, delayMs: 0 },
  { where: 'webhook', kind: 'reorder', times: 3 },
  { where: 'webhook', kind: 'delay', times: 3, delayMs: 1_500 },
  { where: 'webhook', kind: 'status', times: 3, status: 503 },
  { where: 'webhook', kind: 'no_answer_after_accept', times: 3 },
  { where: 'api', kind: 'status', times: 3, status: 500 },
  // X tells when its window ends, and is not asked before: in life a quarter of an hour, longer than anybody waits here.
  { where: 'api', kind: 'status', times: 2, status: 429, delayMs: 3_000 },
  { where: 'api', kind: 'drop', times: 3 },
  { where: 'api', kind: 'delay', times: 3, delayMs: 2_000 },
  { where: 'api', kind: 'hang', times: 1 },
  { where: 'api', kind: 'no_answer_after_accept', times: 2 },
  { where: 'media', kind: 'drop', times: 2 },
  { where: 'media', kind: 'status', times: 2, status: 503 },
  { where: 'media', kind: 'slow_media', times: 1, delayMs: 3_000 },
  { where: 'media', kind: 'hang', times: 1 },
];

function boardsOf({ system }: FaultRun): Readonly<Record<string, Board>> {
  const { twilio, x, meta } = system.vendors;
  return { Twilio: twilio.simulator.faults, X: x.simulator.faults, Meta: meta.simulator.faults };
}

/** Meta keeps no list, so what never left it can be found by nobody; and who was throttled by it asks again after an hour. */
function isBeyondMeta({ where, kind, status }: Fault): boolean {
  return (where === 'webhook' && kind === 'drop') || status === 429;
}

const worst: FaultCase = {
  name: 'vendors',
  what: 'Twilio, X and Meta at their worst: lost, late, doubled and reordered webhooks, 429, 5xx, no answer before and after the deed',
  forms: ['cluster', 'standalone'],
  streams: [
    ...(['at-twilio', 'at-x', 'at-meta', 'at-instagram', 'at-whatsapp'] as const),
    ...(['twilio', 'replies-phone', 'replies-x'] as const),
    ...(['replies-messenger', 'replies-instagram', 'replies-whatsapp'] as const),
  ],
  seconds: 20,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    const boards = boardsOf(run);
    try {
      for (let round: readonly Fault[] = []; performance.now() < until;) {
        // All of them, before one comes again.
        if (round.length === 0) round = run.random.shuffled(WORST);
        const [fault, ...others] = round;
        round = others;
        if (fault === undefined) throw new Error('there are no faults');
        for (const [vendor, board] of Object.entries(boards))
          if (vendor !== 'Meta' || !isBeyondMeta(fault)) board.add(fault);
        await sleep(run.random.between(500, 1_500));
      }
    } finally {
      for (const [vendor, board] of Object.entries(boards)) {
        const struck = { webhook: 0, api: 0, media: 0 };
        for (const { where, fired } of board.list()) struck[where] += fired;
        board.clear();
        if (Object.values(struck).includes(0))
          run.fault(`of ${vendor} something never struck: ${JSON.stringify(struck)}`);
        run.note(`${vendor}: ${struck.webhook} webhooks, ${struck.api} calls and ${struck.media} files struck`);
      }
    }
  },
};

export const VENDOR_CASES: readonly FaultCase[] = [worst];
