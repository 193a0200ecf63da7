import { createBusinessCalendar, type BusinessCalendar } from '@fanin/calendar';
import { isoTime } from '@fanin/kernel';
import type { Config } from './config.js';
import type { VoiceConfig } from './config-voice.js';
import type { Reception } from './kinds.js';
import { promptsFor, type Prompts } from './prompts.js';

/** All that is decided about calls, from the configuration and a time alone. */
export interface VoicePlan {
  readonly config: VoiceConfig | undefined;
  receptionAt(at: number): Reception;
  /** When a call-back asked for now is due; '' for as soon as possible. */
  callbackDue(at: number): string;
  promptsFor(calledNumber: string | undefined): Prompts;
  /** Twilio writes down English only. */
  transcribes(prompts: Prompts): boolean;
}

/** CONFIG when the hours or the prompts cannot work. */
export function createVoicePlan({ voice, numbers }: Config): VoicePlan {
  const calendar: BusinessCalendar | undefined =
    voice?.calendar === undefined ? undefined : createBusinessCalendar(voice.calendar);
  const fallback = promptsFor(voice?.language ?? 'en-US', voice?.prompts ?? []);
  const byNumber = new Map(
    numbers.flatMap(({ number, language }) =>
      language === undefined ? [] : [[number, promptsFor(language, voice?.prompts ?? [])] as const],
    ),
  );
  return {
    config: voice,
    receptionAt: (at) => {
      if (voice === undefined) return 'refused';
      if (calendar !== undefined && !calendar.isOpen(at)) return 'closed';
      return voice.agents.length === 0 ? 'voicemail' : 'staffed';
    },
    callbackDue: (at) => {
      const seconds = (voice?.callback_minutes ?? 0) * 60;
      if (calendar === undefined) return isoTime(at + seconds * 1000);
      const due = calendar.isOpen(at) ? calendar.afterBusinessSeconds(at, seconds) : calendar.nextOpening(at);
      return due === null ? '' : isoTime(due);
    },
    promptsFor: (number) => (number === undefined ? undefined : byNumber.get(number)) ?? fallback,
    transcribes: ({ language }) => voice?.transcribe === true && /^en\b/.test(language),
  };
}
