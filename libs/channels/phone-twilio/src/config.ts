import { field } from '@fanin/contracts';
import { VoiceConfig } from './config-voice.js';

/** A number or sender of ours. */
export class SenderConfig {
  @field.text({
    description: 'Address as Twilio writes it: E.164, a short code, or `whatsapp:` and E.164 for a WhatsApp sender.',
    pattern: /^(whatsapp:\+[1-9]\d{6,14}|\+[1-9]\d{6,14}|\d{3,8})$/,
    example: '+493012345678',
  })
  number!: string;

  @field.text({
    description: 'Language that callers of this number hear; voice.language when left out.',
    pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
    optional: true,
    example: 'de-DE',
  })
  language?: string;
}

/** An account at Twilio, with the numbers that belong to the shop. */
export class Config {
  @field.text({
    description: 'Account SID, from the first page of the Twilio console.',
    pattern: /^AC[0-9a-fA-F]{32}$/,
    example: 'AC00000000000000000000000000000000',
  })
  account_sid!: string;

  @field.text({
    description: 'Primary auth token. Webhooks are signed with it; REST calls use it unless there is an API key.',
    secret: true,
    minLength: 8,
    maxLength: 128,
  })
  auth_token!: string;

  @field.text({
    description: 'Secondary auth token, while one token replaces the other: what either one signed is let in.',
    secret: true,
    minLength: 8,
    maxLength: 128,
    optional: true,
  })
  secondary_auth_token?: string;

  @field.text({
    description: 'API key for REST calls and media in place of the auth token.',
    pattern: /^SK[0-9a-fA-F]{32}$/,
    optional: true,
    example: 'SK00000000000000000000000000000000',
  })
  api_key_sid?: string;

  @field.text({
    description: 'Secret of that API key.',
    secret: true,
    minLength: 8,
    maxLength: 128,
    optional: true,
  })
  api_key_secret?: string;

  @field.objects(() => SenderConfig, {
    description:
      'All numbers and WhatsApp senders of this account. Those named are also listed every few minutes, so that nothing is lost that a webhook missed.',
    maxItems: 200,
  })
  numbers!: SenderConfig[];

  @field.text({
    description:
      'Messaging Service that SMS replies go through. The number that the customer wrote to must be in its pool.',
    pattern: /^MG[0-9a-fA-F]{32}$/,
    optional: true,
    example: 'MG00000000000000000000000000000000',
  })
  messaging_service_sid?: string;

  @field.object(() => VoiceConfig, {
    description: 'How calls are handled. Without it calls are refused, and each one is filed as missed.',
    optional: true,
  })
  voice?: VoiceConfig;

  @field.integer({
    description: 'How often messages and calls are listed at Twilio, in seconds.',
    minimum: 15,
    maximum: 3600,
    optional: true,
    advanced: true,
    default: 180,
  })
  reconcile_seconds: number = 180;

  @field.integer({
    description: 'How far back the first listing of a new account goes, in hours.',
    minimum: 0,
    maximum: 720,
    optional: true,
    advanced: true,
    default: 24,
  })
  backfill_hours: number = 24;

  @field.text({
    description:
      "Base address that calls to Twilio's hosts are led through (`<api_url>/<host><path>`): a proxy or a simulator. http on the same machine only.",
    pattern: /^https?:\/\/[^\s?#]+$/,
    maxLength: 500,
    optional: true,
    advanced: true,
    example: 'http://127.0.0.1:4010',
  })
  api_url?: string;
}
