import { formOf, jsonReply } from '@fanin/simulators/core';
import type { Router, SimulatorReply, SimulatorRequest } from '@fanin/simulators/core';
import type { AccountHandler } from './auth.js';
import type { TwilioAccount } from './config.js';
import { filterSpan } from './dates.js';
import { notFound } from './errors.js';
import { recordingUrl } from './links.js';
import { pageReply } from './paging.js';
import type { TwilioParts } from './parts.js';
import { accountResource, callResource, numberResource, recordingResource } from './resources.js';
import type { CallRecord } from './store.js';
import { placeCall } from './voice/calling.js';

type Guard = (handler: AccountHandler) => (request: SimulatorRequest) => SimulatorReply | Promise<SimulatorReply>;

const ROOT = '/api.twilio.com/2010-04-01/Accounts/:account';

/** twilio.com/docs/voice/api/call-resource */
export function addCallRoutes(router: Router, parts: TwilioParts, guard: Guard): void {
  router.on(
    'POST',
    `${ROOT}/Calls.json`,
    guard((request, account) => jsonReply(201, callResource(placeCall(parts, account, formOf(request))))),
  );
  router.on(
    'GET',
    `${ROOT}/Calls.json`,
    guard((request, account) => pageReply(request, 'calls', listed(parts, account, request.query), callResource)),
  );
  router.on(
    'GET',
    `${ROOT}/Calls/:call.json`,
    guard((request, account) => jsonReply(200, callResource(callOf(parts, account, request)))),
  );
  router.on(
    'GET',
    `${ROOT}/Calls/:call/Recordings.json`,
    guard((request, account) => {
      const call = callOf(parts, account, request);
      const recordings = parts.store.recordings.filter((each) => each.call_sid === call.sid).reverse();
      return pageReply(request, 'recordings', recordings, (each) => recordingResource(each, recordingUrl(parts, each)));
    }),
  );
}

/** What a connection check asks (twilio.com/docs/iam/api/account, …/phone-numbers/api/incomingphonenumber-resource). */
export function addAccountRoutes(router: Router, parts: TwilioParts, guard: Guard): void {
  router.on(
    'GET',
    `${ROOT}.json`,
    guard((_request, account) => jsonReply(200, accountResource(account))),
  );
  router.on(
    'GET',
    `${ROOT}/IncomingPhoneNumbers.json`,
    guard((request, account) => {
      const wanted = request.query.get('PhoneNumber');
      const numbers = account.numbers.filter((each) => wanted === null || each.phone_number === wanted);
      return pageReply(request, 'incoming_phone_numbers', numbers, (number) => numberResource(account, number));
    }),
  );
  router.on(
    'GET',
    `${ROOT}/IncomingPhoneNumbers/:number.json`,
    guard((request, account) => {
      const number = account.numbers.find((each) => each.sid === request.params['number']);
      if (number === undefined) throw notFound(request.path.replace(/^\/[^/]+/, ''));
      return jsonReply(200, numberResource(account, number));
    }),
  );
}

function listed(parts: TwilioParts, account: TwilioAccount, query: URLSearchParams): CallRecord[] {
  const started = filterSpan(query, 'StartTime');
  const ended = filterSpan(query, 'EndTime');
  const fits = (name: string, value: string | null): boolean => !query.has(name) || query.get(name) === value;
  const startOf = (call: CallRecord): number => call.start_ms ?? call.created_ms;
  const endIn = (call: CallRecord): boolean =>
    (!Number.isFinite(ended.fromMs) && !Number.isFinite(ended.toMs)) ||
    (call.end_ms !== null && call.end_ms >= ended.fromMs && call.end_ms <= ended.toMs);
  return parts.store.calls
    .filter(
      (call) =>
        call.account_sid === account.account_sid &&
        fits('To', call.to) &&
        fits('From', call.from) &&
        fits('Status', call.status) &&
        fits('ParentCallSid', call.parent_call_sid) &&
        startOf(call) >= started.fromMs &&
        startOf(call) <= started.toMs &&
        endIn(call),
    )
    .reverse()
    .sort((a, b) => startOf(b) - startOf(a));
}

function callOf(parts: TwilioParts, account: TwilioAccount, request: SimulatorRequest): CallRecord {
  const found = parts.store.calls.find(
    (call) => call.sid === request.params['call'] && call.account_sid === account.account_sid,
  );
  if (found === undefined) throw notFound(request.path.replace(/^\/[^/]+/, ''));
  return found;
}
