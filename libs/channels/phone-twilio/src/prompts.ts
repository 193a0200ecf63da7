import { FaninError } from '@fanin/kernel';
import type { VoicePrompts } from './config-voice.js';

type PromptName = Exclude<keyof VoicePrompts, 'language' | 'voice'>;

/** What a caller hears, all of it. */
export type Prompts = Readonly<Record<PromptName, string>> & { readonly language: string; readonly voice?: string };

const BUILT_IN: Readonly<Record<string, Readonly<Record<PromptName, string>>>> = {
  en: {
    greeting: 'Thank you for calling. Please hold while we connect you.',
    closed: 'Thank you for calling. We are closed at the moment.',
    busy: 'Nobody could take your call.',
    callback_offer: 'Press {key} and we will call you back.',
    callback_confirmed: 'Thank you. We will call you back. Goodbye.',
    voicemail: 'Please leave a message after the tone, and press the hash key when you are done.',
    goodbye: 'Thank you. Goodbye.',
  },
  de: {
    greeting: 'Danke für Ihren Anruf. Bitte bleiben Sie am Apparat, wir verbinden Sie.',
    closed: 'Danke für Ihren Anruf. Im Moment ist niemand da.',
    busy: 'Leider konnte niemand Ihren Anruf annehmen.',
    callback_offer: 'Drücken Sie die {key}, und wir rufen Sie zurück.',
    callback_confirmed: 'Danke. Wir rufen Sie zurück. Auf Wiederhören.',
    voicemail: 'Sprechen Sie nach dem Ton, und drücken Sie danach die Raute.',
    goodbye: 'Danke. Auf Wiederhören.',
  },
};

/** The prompts of a language: those configured for it, else for its first part, then the built-in ones. CONFIG when some are missing. */
export function promptsFor(language: string, configured: readonly VoicePrompts[]): Prompts {
  const [base = ''] = language.split('-');
  const own =
    configured.find((each) => each.language === language) ?? configured.find((each) => each.language === base);
  const built = BUILT_IN[base];
  const names = Object.keys(BUILT_IN['en'] ?? {}) as PromptName[];
  const missing = names.filter((name) => own?.[name] === undefined && built === undefined);
  if (missing.length > 0)
    throw new FaninError(
      'CONFIG',
      `voice.prompts: there is no built-in text for ${language}; give it an entry with ${missing.join(', ')}.`,
    );
  const texts = Object.fromEntries(names.map((name) => [name, own?.[name] ?? built?.[name] ?? ''])) as Record<
    PromptName,
    string
  >;
  return { ...texts, language, ...(own?.voice === undefined ? {} : { voice: own.voice }) };
}
