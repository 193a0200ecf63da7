import type { XWorld } from '../world/world.js';
import type { Feed } from './feed.js';
import type { Hook, HookRegistry } from './registry.js';

export interface ReplayJob {
  jobId: string;
  createdAtMs: number;
}

const DAY_MS = 86_400_000;

/** Why a replay is refused, in the documents' words. */
export interface ReplayRefusal {
  reason: 'QueryParamInvalid' | 'CrcValidationFailed' | 'ReplayConflictError';
  detail: string;
}

/** `yyyymmddhhmm`, UTC. */
export function minuteOf(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (parts === null) return undefined;
  const ms = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:00Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

export class Replays {
  constructor(
    private readonly world: XWorld,
    private readonly hooks: HookRegistry,
    private readonly feed: Feed,
  ) {}

  /** Answers once the job is accepted; the events follow in their old order, then `replay_job_status`. */
  async start(hook: Hook, from: string, to: string): Promise<ReplayJob | ReplayRefusal> {
    const [fromMs, toMs] = [minuteOf(from), minuteOf(to)];
    if (fromMs === undefined || toMs === undefined)
      return invalid('from_date or to_date is not in the format yyyymmddhhmm.');
    const wrong = this.outsideWindow(fromMs, toMs);
    if (wrong !== undefined) return invalid(wrong);
    if (hook.job !== undefined) {
      return {
        reason: 'ReplayConflictError',
        detail: 'A replay job is already in progress for the specified webhook.',
      };
    }
    const now = this.world.clock.now();
    const jobId = this.world.ids.at(now);
    hook.job = jobId;
    if ((await this.hooks.challenge(hook)) !== 'passed') {
      delete hook.job;
      return {
        reason: 'CrcValidationFailed',
        detail: 'Incorrect response received from the webhook URL during CRC validation.',
      };
    }
    // Each delivery is one that `idle()` waits for; the next begins in the same turn as the one before ends.
    void this.run(hook, jobId, fromMs, toMs);
    return { jobId, createdAtMs: now };
  }

  private async run(hook: Hook, jobId: string, fromMs: number, toMs: number): Promise<void> {
    let complete = true;
    for (const entry of this.feed.journal(hook.id, fromMs, toMs)) {
      const { accepted } = await this.hooks.send(hook, entry.kind, entry.body);
      complete &&= accepted;
    }
    const status = {
      replay_job_status: {
        webhook_id: hook.id,
        job_state: complete ? 'Complete' : 'Incomplete',
        job_state_description: complete
          ? 'Job completed successfully'
          : 'Job failed to deliver all events, please retry your replay job',
        job_id: jobId,
      },
    };
    // Whoever gets the message may submit the next job at once.
    delete hook.job;
    await this.hooks.send(hook, 'replay_job_status', JSON.stringify(status));
  }

  private outsideWindow(fromMs: number, toMs: number): string | undefined {
    const now = this.world.clock.now();
    const { replay_from_age_ms: fromAge, replay_to_age_ms: toAge } = this.world.settings;
    if (fromMs > now) return 'from_date is in the future.';
    if (toMs > now) return 'to_date is in the future.';
    if (fromMs >= toMs) return 'from_date is more recent than to_date.';
    if (fromMs < now - DAY_MS) return 'from_date is older than 24 hours from the current time.';
    if (fromMs > now - fromAge)
      return `from_date is more recent than ${fromAge / 60_000} minutes before the current time.`;
    if (toMs > now - toAge) return `to_date is more recent than ${toAge / 60_000} minutes before the current time.`;
    return undefined;
  }
}

function invalid(detail: string): ReplayRefusal {
  return { reason: 'QueryParamInvalid', detail };
}
