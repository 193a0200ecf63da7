import { field } from '@fanin/contracts';

export class TelegramConfig {
  @field.text({
    description: 'Token of the bot, as @BotFather shows it.',
    secret: true,
    pattern: /^[0-9]{3,20}:[A-Za-z0-9_-]{20,128}$/,
  })
  bot_token!: string;

  @field.oneOf(['webhook', 'polling'], {
    description: 'Telegram calls us, or we ask it; it refuses to be asked while a webhook is set.',
    optional: true,
    default: 'webhook',
  })
  receive_by: 'webhook' | 'polling' = 'webhook';

  @field.text({
    description:
      'What Telegram shows with every call of the webhook: a random text of letters, digits, _ and -. Needed for receive_by webhook.',
    secret: true,
    optional: true,
    minLength: 16,
    pattern: /^[A-Za-z0-9_-]{16,256}$/,
  })
  webhook_secret?: string;

  @field.integer({
    description: 'How many seconds Telegram holds a question for updates while there are none (receive_by polling).',
    optional: true,
    advanced: true,
    minimum: 0,
    maximum: 15,
    default: 10,
  })
  poll_seconds = 10;

  @field.text({
    description: 'Base address of the Bot API: a server of your own in its place.',
    optional: true,
    advanced: true,
    pattern: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/,
    default: 'https://api.telegram.org',
  })
  api_url = 'https://api.telegram.org';
}
