import { setTimeout as sleep } from 'node:timers/promises';
import { Traffic, type Stream } from '../traffic.js';
import type { ControlWorld } from './control.js';
import { withoutWhatTheTriggerTakes } from './trigger.js';

export interface LiveTraffic {
  readonly streams: readonly Stream[];
  /** Default 4 s. */
  readonly ms?: number;
  /** Share of acknowledged messages that come again; default: each stream's own. */
  readonly repeat?: number;
}

/** Traffic of the control's own while `work` is done; resolves when its last message is answered. */
export async function whileTraffic<T>(
  { stage, recorder, random }: ControlWorld,
  { streams, repeat }: Omit<LiveTraffic, 'ms'>,
  work: (traffic: Traffic) => Promise<T>,
): Promise<T> {
  const run = `live${Math.floor(performance.now())}`;
  const repeated = repeat === undefined ? {} : { repeat };
  const traffic = new Traffic({ system: stage.system, recorder, random, run, streams, ...repeated });
  try {
    return await work(traffic);
  } finally {
    await traffic.stop();
  }
}

export function drive(world: ControlWorld, { ms = 4_000, ...traffic }: LiveTraffic): Promise<void> {
  return whileTraffic(world, traffic, () => sleep(ms));
}

/** Mails and their replies; where the safeguard is off, `body` (PL/pgSQL) runs before each update of the queue of replies. */
export function driveReplies(world: ControlWorld, body: string): Promise<void> {
  return withoutWhatTheTriggerTakes(world, { table: 'channels.outbound', when: 'UPDATE', body }, () =>
    drive(world, { streams: ['smtp', 'replies-email'] }),
  );
}
