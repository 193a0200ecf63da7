import { FaninError, type ErrorCode } from '@fanin/kernel';
import { BotApiRefusal, BotApiUnreachable } from './bot-api-error.js';

/** Pure: what the provider's client throws → a code of the closed list. Whatever is unknown is a fault of ours. */
export function translate(error: unknown): FaninError {
  if (error instanceof FaninError) return error;
  if (error instanceof BotApiUnreachable) return new FaninError('TRANSIENT', error.message);
  if (error instanceof BotApiRefusal) {
    const { retryAfterSeconds } = error.parameters;
    return new FaninError(codeOf(error), error.message, {
      ...(retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 }),
    });
  }
  return new FaninError('BUG', 'Telegram was called and something unknown came back', { cause: error });
}

function codeOf({ status, description, method }: BotApiRefusal): ErrorCode {
  // A token that never was is told by 404: it is part of the address.
  if (status === 401 || status === 404) return 'AUTH';
  // Always about one chat: the user blocked the bot, or never wrote to it, or the group threw it out.
  if (status === 403) return 'UNSUPPORTED';
  // Two readers of one bot; a process that takes over from another meets its last question for a few seconds.
  if (status === 409) return 'TRANSIENT';
  if (status === 429) return 'RATE_LIMITED';
  if (status >= 500) return 'TRANSIENT';
  if (method === 'setWebhook') return 'CONFIG';
  return /temporarily unavailable/i.test(description) ? 'TRANSIENT' : 'BAD_PAYLOAD';
}
