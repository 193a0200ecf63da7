import { raiseAlert } from '../parts.js';
import type { TwimlElement } from '../twiml.js';
import { dial } from './dial.js';
import type { NextDocument, Step } from './document.js';
import { actionOf, enter, note, pass, resolveUrl } from './leg.js';
import type { Leg } from './leg.js';
import { record } from './record.js';

const WORDS_A_SECOND = 2.5;

/** Plays the verbs of a document. Answers the document to go on with; undefined when the call is over. */
export async function playVerbs(leg: Leg, verbs: readonly TwimlElement[]): Promise<NextDocument | undefined> {
  for (const verb of verbs) {
    if (leg.gone) return undefined;
    enter(leg, verb.name);
    const step = await playVerb(leg, verb);
    if (step === 'end') return undefined;
    if (step !== 'next') return step;
  }
  return undefined;
}

async function playVerb(leg: Leg, verb: TwimlElement): Promise<Step> {
  switch (verb.name) {
    case 'Say':
    case 'Play':
    case 'Pause':
      return speak(leg, verb);
    case 'Gather':
      return gather(leg, verb);
    case 'Dial':
      return dial(leg, verb);
    case 'Record':
      return record(leg, verb);
    case 'Redirect':
      note(leg, 'Redirect', { url: verb.text.trim() });
      return { kind: 'voice.redirect', url: resolveUrl(leg, verb.text.trim()), params: {} };
    case 'Hangup':
      note(leg, 'Hangup');
      return 'end';
    case 'Reject':
      return reject(leg, verb);
    default:
      return unknown(leg, verb);
  }
}

async function speak(leg: Leg, verb: TwimlElement): Promise<Step> {
  const text = verb.text.trim();
  note(leg, verb.name, {
    ...(text === '' ? {} : { text }),
    ...(verb.attributes['language'] === undefined ? {} : { language: verb.attributes['language'] }),
    ...(verb.attributes['voice'] === undefined ? {} : { voice: verb.attributes['voice'] }),
  });
  await pass(leg, lengthOf(verb, text));
  return 'next';
}

function lengthOf(verb: TwimlElement, text: string): number {
  if (verb.name === 'Pause') return Number(verb.attributes['length'] ?? '1');
  if (verb.name === 'Play') return 5;
  return Math.max(1, Math.ceil(text.split(/\s+/).length / WORDS_A_SECOND));
}

/**
 * Keys end the prompt at once; none within `timeout` and the next verb is played, unless `actionOnEmptyResult`
 * (twilio.com/docs/voice/twiml/gather).
 */
async function gather(leg: Leg, verb: TwimlElement): Promise<Step> {
  const { attributes } = verb;
  const finish = attributes['finishOnKey'] ?? '#';
  const keyed = leg.digits.shift() ?? '';
  const ended = finish !== '' && keyed.includes(finish);
  const digits = (ended ? keyed.slice(0, keyed.indexOf(finish)) : keyed).slice(
    0,
    Number(attributes['numDigits'] ?? 99),
  );
  note(leg, 'Gather', { digits });
  for (const prompt of verb.children) {
    if (!leg.gone) await speak(leg, prompt);
  }
  await pass(leg, keyed === '' ? Number(attributes['timeout'] ?? '5') : Math.max(1, keyed.length));
  if (leg.gone) return 'end';
  if (digits === '' && attributes['actionOnEmptyResult'] !== 'true') return 'next';
  return {
    kind: 'voice.gather',
    url: actionOf(leg, verb) ?? leg.documentUrl,
    params: { Digits: digits, msg: 'Gather End', ...(ended ? { FinishedOnKey: finish } : {}) },
  };
}

/** Only as the first verb of the first document; the caller is not charged, and no further document is asked for. */
function reject(leg: Leg, verb: TwimlElement): Step {
  const reason = verb.attributes['reason'] ?? 'rejected';
  note(leg, 'Reject', { reason });
  if (leg.documents === 1 && leg.elapsed === 0) leg.call.status = reason === 'busy' ? 'busy' : 'no-answer';
  return 'end';
}

/** A verb that this simulator does not play is told to people, and passed over. */
function unknown(leg: Leg, verb: TwimlElement): Step {
  note(leg, 'unknown', { name: verb.name });
  raiseAlert(leg.parts, {
    account_sid: leg.call.account_sid,
    error_code: 12200,
    resource_sid: leg.call.sid,
    url: leg.documentUrl,
    detail: `<${verb.name}> is not played by the simulator`,
  });
  return 'next';
}
