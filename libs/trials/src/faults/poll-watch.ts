import type { SystemUnderTest } from '../system/system.js';

type Vendors = SystemUnderTest['vendors'];
type Board = Vendors['twilio']['simulator']['faults'];

export type Poller = 'twilio' | 'x';

/** First wait of a poll that failed, doubled up to the longest; each is shortened by up to a half. */
const BACK_OFF_BASE_MS = 1_000;
const BACK_OFF_MAX_MS = 60_000;
/** The look that was under way, and one that found nothing to keep and so did not fail. */
const LOOKS_BESIDE = 2;

/** How often a poller may look in that time whose looks fail: as the shortest of its waits allow. */
export function looksAllowed(duringMs: number): number {
  let looks = LOOKS_BESIDE;
  let wait = BACK_OFF_BASE_MS;
  for (let at = 0; at <= duringMs; at += wait / 2, wait = Math.min(2 * wait, BACK_OFF_MAX_MS)) looks += 1;
  return looks;
}

/**
 * Counts how often vendors are asked what is new, a look of a poller each: by a fault that delays the question by nothing, as
 * faults tell how often they struck.
 */
export class PollWatch {
  private readonly watched: Readonly<Record<Poller, { readonly board: Board; readonly id: string }>>;

  constructor({ twilio, x }: Vendors) {
    const watch = (board: Board, match: string): { readonly board: Board; readonly id: string } => ({
      board,
      id: board.add({ where: 'api', kind: 'delay', delayMs: 0, match }),
    });
    const [first] = twilio.simulator.account.numbers;
    const number = encodeURIComponent(first?.phone_number ?? '');
    this.watched = {
      // A look lists each number and sender once.
      twilio: watch(twilio.simulator.faults, `/Messages\\.json\\?(.*&)?To=${number}(&|$)`),
      x: watch(x.simulator.faults, '^/2/dm_events\\?'),
    };
  }

  /** Since the start. */
  get looks(): Readonly<Record<Poller, number>> {
    return { twilio: this.looksAt('twilio'), x: this.looksAt('x') };
  }

  stop(): void {
    for (const { board, id } of Object.values(this.watched)) board.clear(id);
  }

  private looksAt(poller: Poller): number {
    const { board, id } = this.watched[poller];
    return board.list().find((fault) => fault.id === id)?.fired ?? 0;
  }
}
