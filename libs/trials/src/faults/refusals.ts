import { setTimeout as sleep } from 'node:timers/promises';
import type { Traffic } from './traffic.js';

/** DESIGN §1: when the log is away, an edge refuses within 2 s; the rest is the way there and back on a busy machine. */
const REFUSE_WITHIN_MS = 2_500;

/** What senders were told while the log was away. */
export interface Refusals {
  readonly refused: number;
  readonly slowestMs: number;
  readonly unanswered: number;
  readonly longestWaitMs: number;
}

/** To be called when the log has just gone. */
export async function watchRefusals(traffic: Traffic, seconds: number): Promise<Refusals> {
  // What was under way when the log went waits for its own deadline; from then on everything is refused at once.
  await sleep(REFUSE_WITHIN_MS);
  const before = traffic.refusals.count;
  const unansweredBefore = traffic.unanswered.count;
  let longestWaitMs = 0;
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(250))
    longestWaitMs = Math.max(longestWaitMs, traffic.longestWaitMs);
  return {
    refused: traffic.refusals.count - before,
    slowestMs: traffic.refusals.max,
    unanswered: traffic.unanswered.count - unansweredBefore,
    longestWaitMs,
  };
}

/** What is wrong with them, a line each. */
export function refusalFaults({ refused, slowestMs, unanswered, longestWaitMs }: Refusals): readonly string[] {
  return [
    ...(longestWaitMs > REFUSE_WITHIN_MS ? [`a sender waited ${Math.round(longestWaitMs)} ms`] : []),
    ...(refused === 0 ? ['nothing was refused while the log was away'] : []),
    ...(slowestMs > REFUSE_WITHIN_MS ? [`a refusal took ${Math.round(slowestMs)} ms`] : []),
    ...(unanswered > 0 ? [`${unanswered} senders were not answered at all`] : []),
  ];
}
