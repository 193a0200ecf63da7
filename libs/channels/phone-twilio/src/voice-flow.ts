import { isHidden } from './addresses.js';
import type { Fields } from './fields.js';
import type { Kind, Meta } from './kinds.js';
import type { Prompts } from './prompts.js';
import type { VoicePlan } from './voice-plan.js';

/** A verb of the document that answers a call, free of XML. */
export type Step =
  | { readonly verb: 'say'; readonly text: string }
  | { readonly verb: 'dial'; readonly targets: readonly string[]; readonly timeout: number; readonly action: string }
  | { readonly verb: 'gather'; readonly text: string; readonly timeout: number; readonly action: string }
  | {
      readonly verb: 'record';
      readonly maxLength: number;
      readonly action: string;
      readonly done: string;
      readonly transcribed: string | undefined;
    }
  | { readonly verb: 'hangup' }
  | { readonly verb: 'reject' };

/** Time to find the key, in seconds. */
const KEY_TIMEOUT_SECONDS = 5;
/** Twilio transcribes recordings of less than 120 seconds only (twilio.com/docs/api/errors/13617). */
const TRANSCRIBED_SECONDS = 119;

export interface FlowContext {
  readonly plan: VoicePlan;
  readonly prompts: Prompts;
  /** A callback address of ours. */
  readonly hook: (path: string, query?: Readonly<Record<string, string>>) => string;
}

/** The next steps of a call, from the request alone: any replica can answer any callback. */
export function nextSteps(kind: Kind, fields: Fields, meta: Meta, context: FlowContext): readonly Step[] {
  const { plan, prompts, hook } = context;
  if (plan.config === undefined) return [{ verb: 'reject' }];
  const goodbye: readonly Step[] = [{ verb: 'say', text: prompts.goodbye }, { verb: 'hangup' }];
  switch (kind) {
    case 'call':
      if (meta['reception'] === 'closed') return offer(prompts.closed, fields, context);
      if (meta['reception'] !== 'staffed') return offer(prompts.greeting, fields, context);
      return [
        { verb: 'say', text: prompts.greeting },
        {
          verb: 'dial',
          targets: plan.config.agents,
          timeout: plan.config.dial_timeout_seconds,
          action: hook('/voice/dialed'),
        },
      ];
    case 'dialed': {
      const talked = ['completed', 'answered'].includes(fields.text('DialCallStatus', 32) ?? '');
      const gone = fields.text('CallStatus', 32) === 'completed';
      return talked || gone ? [{ verb: 'hangup' }] : offer(prompts.busy, fields, context);
    }
    case 'menu':
      return meta['callback_due'] === undefined
        ? voicemail(fields, context)
        : [{ verb: 'say', text: prompts.callback_confirmed }, { verb: 'hangup' }];
    default:
      return goodbye;
  }
}

/** Says why, offers the call-back, and takes a message from who presses nothing. */
function offer(why: string, fields: Fields, context: FlowContext): Step[] {
  const { plan, prompts, hook } = context;
  // Who hides the number cannot be called back.
  if (plan.config?.callback !== true || isHidden(fields.text('From', 300) ?? ''))
    return [{ verb: 'say', text: why }, ...voicemail(fields, context)];
  const question = prompts.callback_offer.replaceAll('{key}', plan.config.callback_key);
  return [
    { verb: 'gather', text: `${why} ${question}`, timeout: KEY_TIMEOUT_SECONDS, action: hook('/voice/menu') },
    ...voicemail(fields, context),
  ];
}

/** Who says nothing hears the end: without anything after `Record` the call would just break off. */
function voicemail(fields: Fields, { plan, prompts, hook }: FlowContext): Step[] {
  const longest = plan.config?.voicemail_seconds ?? TRANSCRIBED_SECONDS;
  const transcribes = plan.transcribes(prompts);
  // The callbacks of a recording do not say whose it is.
  const whose = { from: fields.text('From', 300) ?? '', to: fields.text('To', 300) ?? '' };
  return [
    { verb: 'say', text: prompts.voicemail },
    {
      verb: 'record',
      maxLength: transcribes ? Math.min(longest, TRANSCRIBED_SECONDS) : longest,
      action: hook('/voice/recorded'),
      done: hook('/voice/recording', whose),
      transcribed: transcribes ? hook('/voice/transcription', whose) : undefined,
    },
    { verb: 'say', text: prompts.goodbye },
    { verb: 'hangup' },
  ];
}
