import { sleep } from '../case.js';
import { Traffic, type Stream } from '../traffic.js';
import type { ControlWorld } from './control.js';

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
  const { system, key } = stage;
  const run = `live${Math.floor(performance.now())}`;
  const repeated = repeat === undefined ? {} : { repeat };
  const traffic = new Traffic({ system, recorder, random, key, run, streams, ...repeated });
  try {
    return await work(traffic);
  } finally {
    await traffic.stop();
  }
}

export function drive(world: ControlWorld, { ms = 4_000, ...traffic }: LiveTraffic): Promise<void> {
  return whileTraffic(world, traffic, () => sleep(ms));
}
