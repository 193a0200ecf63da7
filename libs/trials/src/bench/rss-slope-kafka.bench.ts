import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '@fanin/test-kit';
import type { Pace } from '../drive/driver.js';
import { LoadProcess } from '../drive/load-process.js';
import { AS_IN_A_CONTAINER, measureOverKafka } from '../measure/measured-system.js';
import { untilQuiet } from '../oracle/quiet.js';
import { Sampler } from '../soak/sampler.js';
import { slopesOf } from '../soak/slopes.js';
import { PARTS } from '../system/system.js';
import { BENCH_CHANNELS, mailAndChat } from './drives.js';
import { atMost } from './end-to-end.js';

const WARM_UP_SECONDS = 90;
const SECONDS = 240;
const SAMPLE_EVERY_MS = 2_000;
const SENDERS: Pace = { concurrency: 48 };

/**
 * Memory of each service at the top rate, by messages, after a warm-up: the line of least squares, of the service that grows
 * most. A heap fills and is swept, so the figure is only as good as the number of messages that stands with it.
 */
export async function benchRssSlopeKafka(given: { brokers: readonly string[] }): Promise<Record<string, Figure>> {
  const measured = await measureOverKafka(given.brokers, { channels: BENCH_CHANNELS, environment: AS_IN_A_CONTAINER });
  const load = await LoadProcess.start(mailAndChat(measured.system, `r${randomBytes(3).toString('hex')}`));
  try {
    await load.prepare();
    const sampler = await Sampler.start(measured, load, SAMPLE_EVERY_MS, () => undefined);
    await load.begin({ mail: SENDERS, chat: SENDERS });
    await sleep((WARM_UP_SECONDS + SECONDS) * 1000);
    const samples = (await sampler.stop()).filter(({ seconds }) => seconds > WARM_UP_SECONDS);
    await load.stop();
    await untilQuiet(measured.system, { limitMs: 300_000 });
    const slopes = slopesOf(samples, PARTS).filter(({ what }) => what.startsWith('RSS'));
    const worst = slopes.reduce((one, other) => (other.slope > one.slope ? other : one));
    const messages = (samples.at(-1)?.acknowledged ?? 0) - (samples[0]?.acknowledged ?? 0);
    const all = slopes.map(({ what, slope }) => `${what.replace('RSS of ', '')} ${slope.toFixed(1)}`).join(', ');
    return {
      rss_slope: atMost(
        worst.slope,
        worst.limit,
        `MB per 100,000 messages, at most 1, the worst of ${all}; over ${messages} messages, surely ${worst.atLeast.toFixed(1)} or more`,
      ),
    };
  } finally {
    await load.close();
    await measured.stop();
  }
}
