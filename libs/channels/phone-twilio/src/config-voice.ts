import { CalendarConfig } from '@fanin/calendar';
import { field } from '@fanin/contracts';

const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const prompt = (what: string, example: string): PropertyDecorator =>
  field.text({
    description: `${what} The built-in text (English, German) when left out.`,
    minLength: 1,
    maxLength: 1000,
    optional: true,
    example,
  });

/** What callers hear, in one language. */
export class VoicePrompts {
  @field.text({ description: 'Language of these prompts (BCP 47).', pattern: LANGUAGE, example: 'de-DE' })
  language!: string;

  @field.text({
    description: "Voice of Twilio's `<Say>`; Twilio's default for the language when left out.",
    maxLength: 64,
    optional: true,
    example: 'Polly.Vicki',
  })
  voice?: string;

  @prompt('Said first, in business hours.', 'Thank you for calling the Example Shop.')
  greeting?: string;

  @prompt('Said first, outside business hours.', 'You have reached the Example Shop outside our business hours.')
  closed?: string;

  @prompt('Said when no agent picked up.', 'All our people are busy just now.')
  busy?: string;

  @prompt('Offers to be called back; `{key}` becomes callback_key.', 'Press {key} and we call you back.')
  callback_offer?: string;

  @prompt('Said when the call-back was taken down.', 'Thank you, we call you back.')
  callback_confirmed?: string;

  @prompt('Said before the tone.', 'Leave a message after the tone.')
  voicemail?: string;

  @prompt('Said at the end.', 'Goodbye.')
  goodbye?: string;
}

/** How incoming calls are handled. */
export class VoiceConfig {
  @field.object(() => CalendarConfig, { description: 'Business hours; always open when left out.', optional: true })
  calendar?: CalendarConfig;

  @field.text({
    description: 'Language that callers hear where the number called has none of its own.',
    pattern: LANGUAGE,
    optional: true,
    default: 'en-US',
  })
  language: string = 'en-US';

  @field.objects(() => VoicePrompts, {
    description: 'Prompts per language.',
    maxItems: 50,
    optional: true,
    default: [],
  })
  prompts: VoicePrompts[] = [];

  @field.texts({
    description:
      'Who is rung in business hours, all at once, the first to pick up talks: E.164 numbers, `sip:` or `client:` addresses. Without any, calls go to voicemail.',
    pattern: /^(\+[1-9]\d{6,14}|sip:\S+|client:\S+)$/,
    maxItems: 10,
    optional: true,
    default: [],
    example: ['+493012345678', 'sip:desk@example.sip.twilio.com'],
  })
  agents: string[] = [];

  @field.integer({
    description: 'How long agents are rung, in seconds, before the caller goes to voicemail.',
    minimum: 5,
    maximum: 600,
    optional: true,
    default: 25,
  })
  dial_timeout_seconds: number = 25;

  @field.integer({
    description:
      'Longest voicemail, in seconds. At most 119 of them are recorded where it is transcribed (Twilio warning 13617).',
    minimum: 5,
    maximum: 3600,
    optional: true,
    default: 119,
  })
  voicemail_seconds: number = 119;

  @field.boolean({
    description:
      "Have Twilio write voicemails down. Done for calls in English only: Twilio's transcription knows no other language.",
    optional: true,
    default: true,
  })
  transcribe: boolean = true;

  @field.boolean({ description: 'Offer to be called back.', optional: true, default: true })
  callback: boolean = true;

  @field.text({
    description: 'Key that asks for the call-back.',
    pattern: /^[0-9*#]$/,
    optional: true,
    default: '1',
  })
  callback_key: string = '1';

  @field.integer({
    description:
      'When a call-back that is asked for in business hours is due, in minutes of business time. One asked for outside them is due when business opens.',
    minimum: 0,
    maximum: 10_080,
    optional: true,
    default: 30,
  })
  callback_minutes: number = 30;
}
