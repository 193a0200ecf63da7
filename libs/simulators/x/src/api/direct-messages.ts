import { jsonReply } from '@fanin/simulators/core';
import type { SimulatorReply } from '@fanin/simulators/core';
import type { Feed } from '../hooks/feed.js';
import { conversationIdOf } from '../world/direct-messages.js';
import type { Person } from '../world/people.js';
import type { XWorld } from '../world/world.js';
import { USER_AUTH, userOf } from './endpoint.js';
import type { Call, Endpoint } from './endpoint.js';
import { iso, Objects, selectionOf } from './objects.js';
import { isRefused, pageOf } from './paging.js';
import { forbidden, invalidRequest, missingResource, notFound } from './problems.js';

const EVENTS = { min: 1, max: 100, usual: 100, bounds: false };
const LONGEST_TEXT = 10_000;

/** Private by nature: none of these takes an app-only token. */
export function directMessageEndpoints(world: XWorld, feed: Feed): Endpoint[] {
  return [
    { method: 'GET', path: '/2/dm_events', auth: USER_AUTH, answer: (call) => list(world, call) },
    { method: 'GET', path: '/2/dm_events/:id', auth: USER_AUTH, answer: (call) => lookUp(world, call) },
    {
      method: 'GET',
      path: '/2/dm_conversations/with/:participant_id/dm_events',
      auth: USER_AUTH,
      answer: (call) => list(world, call, conversationIdOf(userOf(call).id, call.params['participant_id'] ?? '')),
    },
    {
      method: 'GET',
      path: '/2/dm_conversations/:dm_conversation_id/dm_events',
      auth: USER_AUTH,
      answer: (call) => list(world, call, call.params['dm_conversation_id']),
    },
    {
      method: 'POST',
      path: '/2/dm_conversations/with/:participant_id/messages',
      auth: USER_AUTH,
      answer: (call) => send(world, feed, call, world.people.byId(call.params['participant_id'] ?? '')),
    },
    {
      method: 'POST',
      path: '/2/dm_conversations/:dm_conversation_id/messages',
      auth: USER_AUTH,
      answer: (call) => {
        const own = userOf(call).id;
        const two = (call.params['dm_conversation_id'] ?? '').split('-');
        const other = two.find((id) => id !== own);
        return two.includes(own) && other !== undefined
          ? send(world, feed, call, world.people.byId(other))
          : notFound();
      },
    },
  ];
}

function list(world: XWorld, call: Call, conversationId?: string): SimulatorReply {
  const types = call.query.get('event_types');
  // Groups are not simulated, thus nobody ever joins or leaves.
  const wanted = types === null || types.split(',').includes('MessageCreate');
  const all = wanted ? world.dms.of(userOf(call).id, world.clock.now(), conversationId) : [];
  const page = pageOf(all, call.query, EVENTS);
  if (isRefused(page)) return page;
  const objects = new Objects(world, selectionOf(call.query));
  world.usage.readMessages(page.items.map((message) => message.id));
  return jsonReply(
    200,
    objects.answer(
      page.items.map((message) => objects.dm(message)),
      page.meta,
    ),
  );
}

function lookUp(world: XWorld, call: Call): SimulatorReply {
  const id = call.params['id'] ?? '';
  const objects = new Objects(world, selectionOf(call.query));
  const found = world.dms.of(userOf(call).id, world.clock.now()).find((message) => message.id === id);
  if (found === undefined) objects.missing(missingResource('dm_event', id));
  else world.usage.readMessages([found.id]);
  return jsonReply(200, objects.answer(found && objects.dm(found)));
}

function send(world: XWorld, feed: Feed, call: Call, recipient: Person | undefined): SimulatorReply {
  const sender = userOf(call);
  const { text } = call.body;
  if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) {
    return invalidRequest(`One of \`text\` (up to ${LONGEST_TEXT} characters) or \`attachments\` is required`);
  }
  const closed = world.settings.closed_dms.some((name) => name.toLowerCase() === recipient?.username.toLowerCase());
  if (recipient === undefined || recipient.id === sender.id || closed) {
    return forbidden('You do not have permission to DM one or more participants.');
  }
  const message = world.message(sender, recipient, text, world.clock.now(), { viaApp: true });
  world.usage.wrote();
  world.sent.push({
    kind: 'dm',
    id: message.id,
    at: iso(message.createdAtMs),
    account_id: sender.id,
    text,
    conversation_id: message.conversationId,
    to: recipient.username,
  });
  feed.messaged(message);
  return jsonReply(201, { data: { dm_conversation_id: message.conversationId, dm_event_id: message.id } });
}
