import { Activity } from './activity.js';
import { callOut } from './call-out.js';
import type { CallOutcome, OutgoingCall } from './call-out.js';
import type { SimulatorClock } from './clock.js';
import { DeliveryLog } from './deliveries.js';
import type { ActiveFault, FaultBook } from './faults.js';

export interface WebhookJob {
  /** What the vendor calls it; shown in the log of deliveries. */
  kind: string;
  /** Made anew for each attempt (1, 2…), so that the vendor signs, and counts in its headers, as it really does. */
  call(attempt: number): OutgoingCall;
  /** Waits before the second, third… attempt, unscaled: the vendor's retry schedule. Empty: one attempt. */
  waitsMs: readonly number[];
  /** Is there another attempt after this outcome? Asked only while waits are left. */
  retry(outcome: CallOutcome): boolean;
  connectTimeoutMs: number;
  timeoutMs: number;
  /** Jobs of one order key go one after another, retries included; without it a job waits for nobody. */
  order?: string;
}

export interface WebhookResult {
  id: string;
  /** Of the last attempt; undefined when the delivery never left ("drop"). */
  outcome?: CallOutcome;
  attempts: number;
  /** An answer with a 2xx status came. */
  accepted: boolean;
}

export interface WebhookDispatcher {
  /** Delivers as the vendor does. Resolves when the last attempt is over; never rejects. */
  send(job: WebhookJob): Promise<WebhookResult>;
  readonly log: DeliveryLog;
  readonly activity: Activity;
  /** Aborted when the simulator closes: hand it to `clock.sleep`. */
  readonly signal: AbortSignal;
}

export interface DispatcherSettings {
  clock: SimulatorClock;
  faults: FaultBook;
  signal: AbortSignal;
  retryScale: number;
  ca?: string;
}

export function createDispatcher(settings: DispatcherSettings): WebhookDispatcher {
  const log = new DeliveryLog();
  const activity = new Activity();
  const orders = new Map<string, Promise<unknown>>();
  const held: (() => void)[] = [];
  let made = 0;

  const deliver = async (job: WebhookJob): Promise<WebhookResult> => {
    const id = `delivery-${(made += 1)}`;
    const first = job.call(1);
    const path = pathOf(first.url);
    const { faults } = settings;
    if (faults.take('webhook', path, 'drop') !== undefined) {
      log.add({ ...entryOf(settings.clock, id, job.kind, 1, first), ms: 0, fault: 'drop' });
      return { id, attempts: 0, accepted: false };
    }
    const delay = faults.take('webhook', path, 'delay');
    if (delay !== undefined) await settings.clock.sleep(delay.delayMs ?? 0, settings.signal);
    if (faults.take('webhook', path, 'reorder') !== undefined) {
      const parked = activity.park();
      held.push(parked.release);
      await parked.released;
    }
    const twice = faults.take('webhook', path, 'duplicate');
    const copy = async (): Promise<void> => {
      if (twice?.delayMs === undefined) return;
      await settings.clock.sleep(twice.delayMs, settings.signal);
      await attempt(settings, log, job, id, 1, twice);
    };
    const [result] = await Promise.all([attempts(settings, log, job, id), copy()]);
    if (twice !== undefined && twice.delayMs === undefined) {
      await attempt(settings, log, job, id, result.attempts, twice);
    }
    if (held.length > 0) held.splice(0).forEach((release) => release());
    return result;
  };

  const send = (job: WebhookJob): Promise<WebhookResult> => {
    const before = job.order === undefined ? undefined : orders.get(job.order);
    const work = before === undefined ? deliver(job) : before.then(() => deliver(job));
    if (job.order !== undefined) orders.set(job.order, work);
    return activity.track(work);
  };
  return { send, log, activity, signal: settings.signal };
}

async function attempts(
  settings: DispatcherSettings,
  log: DeliveryLog,
  job: WebhookJob,
  id: string,
): Promise<WebhookResult> {
  for (let number = 1; ; number += 1) {
    const outcome = await attempt(settings, log, job, id, number);
    const accepted = outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300;
    const wait = job.waitsMs[number - 1];
    if (accepted || wait === undefined || settings.signal.aborted || !job.retry(outcome)) {
      return { id, outcome, attempts: number, accepted };
    }
    await settings.clock.sleep(wait * settings.retryScale, settings.signal);
  }
}

async function attempt(
  settings: DispatcherSettings,
  log: DeliveryLog,
  job: WebhookJob,
  id: string,
  number: number,
  duplicate?: ActiveFault,
): Promise<CallOutcome> {
  const call = job.call(number);
  const entry = entryOf(settings.clock, id, job.kind, number, call);
  const path = pathOf(call.url);
  const answered = settings.faults.take('webhook', path, 'status');
  const unheard = answered ?? settings.faults.take('webhook', path, 'no_answer_after_accept');
  const began = settings.clock.now();
  let outcome: CallOutcome;
  if (answered !== undefined) {
    outcome = { status: answered.status ?? 503, headers: {}, body: Buffer.alloc(0) };
  } else {
    outcome = await callOut(call, limitsOf(settings, job));
    if (unheard !== undefined) {
      outcome = { headers: {}, body: Buffer.alloc(0), failure: 'cut', error: 'the answer was lost on the way back' };
    }
  }
  const fault = unheard?.kind ?? duplicate?.kind;
  log.add({
    ...entry,
    ...(outcome.status === undefined ? {} : { status: outcome.status, answer: outcome.body.toString('utf8') }),
    ...(outcome.failure === undefined ? {} : { failure: outcome.failure, error: outcome.error ?? outcome.failure }),
    ms: settings.clock.now() - began,
    ...(fault === undefined ? {} : { fault }),
  });
  return outcome;
}

function limitsOf(settings: DispatcherSettings, job: WebhookJob) {
  return {
    connectTimeoutMs: job.connectTimeoutMs,
    timeoutMs: job.timeoutMs,
    signal: settings.signal,
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  };
}

function entryOf(clock: SimulatorClock, id: string, kind: string, attempt: number, call: OutgoingCall) {
  return {
    id,
    kind,
    attempt,
    at: new Date(clock.now()).toISOString(),
    method: call.method,
    url: call.url,
    headers: call.headers,
    body: call.body.toString('utf8'),
  };
}

function pathOf(url: string): string {
  try {
    const { pathname, search } = new URL(url);
    return pathname + search;
  } catch {
    return url;
  }
}
