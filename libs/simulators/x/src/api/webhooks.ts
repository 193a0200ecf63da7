import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';
import type { Hook, HookRegistry } from '../hooks/registry.js';
import type { ReplayJob, Replays } from '../hooks/replay.js';
import type { XWorld } from '../world/world.js';
import { APP_AUTH, USER_AUTH, userOf } from './endpoint.js';
import type { Call, Endpoint } from './endpoint.js';
import { iso } from './objects.js';
import { invalidRequest } from './problems.js';

/** The reason's name stands in front, so that a program can find it. */
const DETAILS: Record<string, string> = {
  CrcValidationFailed: 'The callback URL did not respond correctly to the CRC check.',
  UrlValidationFailed: 'The callback URL does not meet the requirements: https, no port.',
  DuplicateUrlFailed: 'A webhook is already registered by your application for this URL.',
  WebhookLimitExceeded: 'Your application has reached the maximum number of allowed webhooks.',
  WebhookIdInvalid: 'The provided webhook_id was not found or is not associated with your app.',
  DuplicateSubscriptionFailed: 'A subscription for this user already exists for the specified webhook_id.',
  SubscriptionLimitExceeded: 'The application has reached its subscription limit across all webhooks.',
  SubscriptionNotFound: 'No subscription exists for the specified user_id on the given webhook_id.',
};

function failed(reason: string, detail = DETAILS[reason] ?? ''): SimulatorReply {
  return invalidRequest(`${reason}: ${detail}`);
}

export function webhookEndpoints(world: XWorld, hooks: HookRegistry, replays: Replays): Endpoint[] {
  const app = { auth: APP_AUTH, free: true } as const;
  const user = { auth: USER_AUTH, free: true } as const;
  const activity = '/2/account_activity';
  return [
    { method: 'POST', path: '/2/webhooks', ...app, answer: (call) => create(hooks, call) },
    { method: 'GET', path: '/2/webhooks', ...app, answer: () => list(hooks) },
    {
      method: 'POST',
      path: '/2/webhooks/replay',
      ...app,
      answer: (call) => replay(hooks, replays, call, call.body, bare),
    },
    { method: 'PUT', path: '/2/webhooks/:id', ...app, answer: (call) => validate(hooks, call) },
    { method: 'DELETE', path: '/2/webhooks/:id', ...app, answer: (call) => remove(hooks, call) },
    {
      method: 'POST',
      path: `${activity}/replay/webhooks/:webhook_id/subscriptions/all`,
      ...app,
      answer: (call) => replay(hooks, replays, call, Object.fromEntries(call.query), wrapped),
    },
    { method: 'GET', path: `${activity}/subscriptions/count`, ...app, answer: () => count(world, hooks) },
    {
      method: 'POST',
      path: `${activity}/webhooks/:webhook_id/subscriptions/all`,
      ...user,
      answer: (call) => subscribe(world, hooks, call),
    },
    {
      method: 'GET',
      path: `${activity}/webhooks/:webhook_id/subscriptions/all`,
      ...user,
      answer: (call) =>
        withHook(hooks, call, (hook) => {
          const subscribed = hook.subscriptions.includes(userOf(call).id);
          return jsonReply(200, { data: { subscribed } });
        }),
    },
    {
      method: 'GET',
      path: `${activity}/webhooks/:webhook_id/subscriptions/all/list`,
      ...app,
      answer: (call) => withHook(hooks, call, (hook) => subscriptions(world, hook)),
    },
    {
      method: 'DELETE',
      path: `${activity}/webhooks/:webhook_id/subscriptions/:user_id/all`,
      ...app,
      answer: (call) => unsubscribe(hooks, call),
    },
  ];
}

export function wireHook(hook: Hook) {
  return { created_at: iso(hook.createdAtMs), id: hook.id, url: hook.url, valid: hook.valid };
}

function withHook<T extends SimulatorReply | Promise<SimulatorReply>>(
  hooks: HookRegistry,
  call: Call,
  answer: (hook: Hook) => T,
): T | SimulatorReply {
  const hook = hooks.find(call.params['webhook_id'] ?? call.params['id'] ?? '');
  return hook === undefined ? failed('WebhookIdInvalid') : answer(hook);
}

async function create(hooks: HookRegistry, call: Call): Promise<SimulatorReply> {
  const { url } = call.body;
  if (typeof url !== 'string') return failed('UrlValidationFailed');
  const made = await hooks.create(url);
  return typeof made === 'string' ? failed(made) : jsonReply(200, { data: wireHook(made) });
}

function list(hooks: HookRegistry): SimulatorReply {
  const data = hooks.list().map(wireHook);
  return jsonReply(200, { data, meta: { result_count: data.length } });
}

function validate(hooks: HookRegistry, call: Call): SimulatorReply | Promise<SimulatorReply> {
  return withHook(hooks, call, async (hook) => {
    const verdict = await hooks.challenge(hook);
    return verdict === 'passed' ? jsonReply(200, { data: { valid: true } }) : failed('CrcValidationFailed');
  });
}

function remove(hooks: HookRegistry, call: Call): SimulatorReply {
  return withHook(hooks, call, (hook) => {
    hooks.remove(hook);
    return jsonReply(200, { data: { deleted: true } });
  });
}

function subscribe(world: XWorld, hooks: HookRegistry, call: Call): SimulatorReply {
  return withHook(hooks, call, (hook) => {
    const { id } = userOf(call);
    if (hook.subscriptions.includes(id)) return failed('DuplicateSubscriptionFailed');
    if (allSubscriptions(hooks).length >= world.settings.subscription_limit) return failed('SubscriptionLimitExceeded');
    hook.subscriptions.push(id);
    return jsonReply(200, { data: { subscribed: true } });
  });
}

function unsubscribe(hooks: HookRegistry, call: Call): SimulatorReply {
  return withHook(hooks, call, (hook) => {
    const id = call.params['user_id'] ?? '';
    if (!hook.subscriptions.includes(id)) return failed('SubscriptionNotFound');
    hook.subscriptions = hook.subscriptions.filter((other) => other !== id);
    return jsonReply(200, { data: { subscribed: false } });
  });
}

function subscriptions(world: XWorld, hook: Hook): SimulatorReply {
  return jsonReply(200, {
    data: {
      application_id: world.app.id,
      webhook_id: hook.id,
      webhook_url: hook.url,
      subscriptions: hook.subscriptions.map((id) => ({ user_id: id })),
    },
  });
}

function count(world: XWorld, hooks: HookRegistry): SimulatorReply {
  return jsonReply(200, {
    data: {
      account_name: world.app.name,
      provisioned_count: String(world.settings.subscription_limit),
      subscriptions_count_all: String(allSubscriptions(hooks).length),
      subscriptions_count_direct_messages: '0',
    },
  });
}

function allSubscriptions(hooks: HookRegistry): string[] {
  return hooks.list().flatMap((hook) => hook.subscriptions);
}

/** The prose of the Account Activity pages shows it so… */
function wrapped(job: ReplayJob, hook: Hook) {
  return { for_user_id: hook.subscriptions[0] ?? '', replay_event: bare(job) };
}

/** …and the OpenAPI file so. */
function bare(job: ReplayJob) {
  return { job_id: job.jobId, created_at: iso(job.createdAtMs) };
}

async function replay(
  hooks: HookRegistry,
  replays: Replays,
  call: Call,
  fields: Record<string, unknown>,
  shape: (job: ReplayJob, hook: Hook) => unknown,
): Promise<SimulatorReply> {
  const hook = hooks.find(call.params['webhook_id'] ?? String(fields['webhook_id'] ?? ''));
  if (hook === undefined) return failed('WebhookIdInvalid');
  const job = await replays.start(hook, String(fields['from_date'] ?? ''), String(fields['to_date'] ?? ''));
  return 'reason' in job ? failed(job.reason, job.detail) : jsonReply(200, shape(job, hook));
}
