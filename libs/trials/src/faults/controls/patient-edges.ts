import { DEFAULT_TIMINGS } from '@fanin/platform';

/** Loaded into one process by `NODE_OPTIONS=--import=…`: its edges wait for a log that is away, as if nobody waited for them. */
Object.assign(DEFAULT_TIMINGS, { emitTimeoutMs: 60_000, webhookTimeoutMs: 60_000 });
