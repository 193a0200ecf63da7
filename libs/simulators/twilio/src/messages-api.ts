import { formOf, jsonReply } from '@fanin/simulators/core';
import type { Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { AccountHandler } from './auth.js';
import type { TwilioAccount } from './config.js';
import { filterSpan } from './dates.js';
import { notFound } from './errors.js';
import type { FileHost } from './files.js';
import { checkOutgoing } from './outgoing.js';
import { pageReply } from './paging.js';
import type { TwilioParts } from './parts.js';
import { mediaResource, messageResource } from './resources.js';
import { sendMessage } from './sending.js';
import type { MediaRecord, MessageRecord } from './store.js';

type Guard = (handler: AccountHandler) => (request: SimulatorRequest) => SimulatorReply | Promise<SimulatorReply>;

/** twilio.com/docs/messaging/api/message-resource and …/media-resource */
export function addMessageRoutes(router: Router, parts: TwilioParts, guard: Guard, files: FileHost): void {
  const base = '/api.twilio.com/2010-04-01/Accounts/:account/Messages';
  router.on(
    'POST',
    `${base}.json`,
    guard((request, account) => {
      const outgoing = checkOutgoing(parts, account, formOf(request));
      return jsonReply(201, messageResource(sendMessage(parts, account, outgoing, { origin: 'api' })));
    }),
  );
  router.on(
    'GET',
    `${base}.json`,
    guard((request, account) => pageReply(request, 'messages', listed(parts, account, request), messageResource)),
  );
  router.on(
    'GET',
    `${base}/:message.json`,
    guard((request, account) => jsonReply(200, messageResource(messageOf(parts, account, request)))),
  );
  router.on(
    'GET',
    `${base}/:message/Media.json`,
    guard((request, account) => {
      const message = messageOf(parts, account, request);
      return pageReply(request, 'media_list', message.media, (media) => mediaResource(message, media));
    }),
  );
  router.on(
    'GET',
    `${base}/:message/Media/:media.json`,
    guard((request, account) => {
      const message = messageOf(parts, account, request);
      return jsonReply(200, mediaResource(message, mediaOf(parts, message, request)));
    }),
  );
  // The content itself: a redirect to a host that serves files (twilio.com/docs/messaging/api/media-resource).
  router.on(
    'GET',
    `${base}/:message/Media/:media`,
    guard((request, account) => {
      const media = mediaOf(parts, messageOf(parts, account, request), request);
      return files.redirect(307, media.bytes, media.content_type);
    }),
  );
}

function listed(parts: TwilioParts, account: TwilioAccount, { query }: SimulatorRequest): MessageRecord[] {
  const span = filterSpan(query, 'DateSent');
  const to = query.get('To');
  const from = query.get('From');
  const timeOf = (message: MessageRecord): number => message.sent_ms ?? message.created_ms;
  return parts.store.messages
    .filter(
      (message) =>
        message.account_sid === account.account_sid &&
        (to === null || message.to === to) &&
        (from === null || message.from === from) &&
        timeOf(message) >= span.fromMs &&
        timeOf(message) <= span.toMs,
    )
    .reverse()
    .sort((a, b) => timeOf(b) - timeOf(a));
}

function messageOf(parts: TwilioParts, account: TwilioAccount, request: SimulatorRequest): MessageRecord {
  const found = parts.store.messages.find(
    (message) => message.sid === request.params['message'] && message.account_sid === account.account_sid,
  );
  if (found === undefined) throw notFound(request.path.replace(/^\/[^/]+/, ''));
  return found;
}

function mediaOf(parts: TwilioParts, message: MessageRecord, request: SimulatorRequest): MediaRecord {
  const found = message.media.find((media) => media.sid === request.params['media']);
  if (found === undefined || found.ready_ms > parts.clock.now()) throw notFound(request.path.replace(/^\/[^/]+/, ''));
  return found;
}
