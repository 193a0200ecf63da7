import type { TwilioAccount } from '../config.js';
import { badRequest } from '../errors.js';
import { isHttpUrl } from '../outgoing.js';
import { ownerOf } from '../parts.js';
import type { TwilioParts } from '../parts.js';
import type { CallRecord } from '../store.js';
import { parseTwiml } from '../twiml.js';
import type { TwimlElement } from '../twiml.js';
import { newLeg } from './leg.js';
import type { Leg } from './leg.js';
import { endCall, newCall, playDocuments, tellStatus } from './play.js';

/** What our side asks for when it calls somebody (twilio.com/docs/voice/api/call-resource#create-a-call-resource). */
interface Wanted {
  url: string;
  verbs?: TwimlElement[];
  fallbackUrl?: string;
  statusCallback?: string;
  events: string[];
}

/** Our side calls: checked, taken in, and played by the answer plan of the settings. */
export function placeCall(parts: TwilioParts, account: TwilioAccount, form: URLSearchParams): CallRecord {
  const wanted = checkCall(parts, account, form);
  const ends = { from: form.get('From') ?? '', to: form.get('To') ?? '', direction: 'outbound-api' as const };
  const call = newCall(parts, account, ends);
  const { answer: _answer, ...script } = parts.settings.answer_plan;
  const leg = newLeg(parts, account, call, { ...script, from: ends.to, to: ends.from }, wanted.fallbackUrl);
  void parts.webhooks.activity.track(playOutgoing(leg, wanted));
  return call;
}

function checkCall(parts: TwilioParts, account: TwilioAccount, form: URLSearchParams): Wanted {
  const to = form.get('To') ?? '';
  const from = form.get('From') ?? '';
  if (to === '') throw badRequest(21201, "No 'To' number is specified");
  if (from === '') throw badRequest(21213, "'From' phone number is required");
  if (!/^(\+[1-9]\d{6,14}|client:.+|sip:.+)$/.test(to)) {
    throw badRequest(21211, `The phone number you are attempting to call, ${to}, is not valid.`);
  }
  if (ownerOf(parts.settings, from)?.account !== account) {
    throw badRequest(21210, `'From' phone number not verified: ${from}`);
  }
  const url = form.get('Url');
  const twiml = form.get('Twiml');
  if (url === null && twiml === null) throw badRequest(21205, "Either 'Url' or 'Twiml' must be given");
  if (url !== null && !isHttpUrl(url)) throw badRequest(21205, `Url is not a valid URL: ${url}`);
  const events = form.getAll('StatusCallbackEvent').flatMap((each) => each.split(/\s+/));
  const statusCallback = form.get('StatusCallback');
  const fallbackUrl = form.get('FallbackUrl');
  return {
    url: url ?? 'https://twiml.invalid/',
    ...(twiml === null ? {} : { verbs: givenVerbs(twiml) }),
    ...(fallbackUrl === null ? {} : { fallbackUrl }),
    ...(statusCallback === null ? {} : { statusCallback }),
    events: events.length === 0 ? ['completed'] : events,
  };
}

function givenVerbs(twiml: string): TwimlElement[] {
  try {
    return parseTwiml(twiml);
  } catch {
    throw badRequest(12100, 'Document parse failure');
  }
}

async function playOutgoing(leg: Leg, wanted: Wanted): Promise<void> {
  const { parts, call } = leg;
  await new Promise<void>((resolve) => setImmediate(resolve));
  let sequence = 0;
  const reach = async (status: CallRecord['status'], event: string): Promise<void> => {
    call.status = status;
    if (wanted.statusCallback !== undefined && wanted.events.includes(event)) {
      await tellStatus(leg, wanted.statusCallback, sequence);
    }
    sequence += 1;
  };
  await reach('queued', 'initiated');
  await reach('ringing', 'ringing');
  const { answer } = parts.settings.answer_plan;
  if (answer === 'answered') {
    call.start_ms = parts.clock.now();
    await reach('in-progress', 'answered');
    leg.documentUrl = wanted.url;
    await playDocuments(leg, { kind: 'voice', url: wanted.url, params: {} }, wanted.verbs);
  } else {
    call.status = answer;
  }
  await endCall(leg, wanted.events.includes('completed') ? wanted.statusCallback : undefined, sequence);
}
