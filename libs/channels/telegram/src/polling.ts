import type { CapturedDelivery, PollCapture } from '@fanin/connector-kit';
import { BotApiRefusal, BotApiUnreachable } from './bot-api-error.js';
import { deliveryOf } from './capture.js';
import type { BotApi } from './client.js';
import type { TelegramConfig } from './config.js';
import { translate } from './errors.js';
import { isIdentifier, optional, WANTED_UPDATES } from './update.js';

const PAGE = 100;
/** Nothing is waiting for our confirmation. */
const BEGINNING = '0';

/**
 * Reads by getUpdates. The cursor is the offset that confirms what was stored, and '0' once Telegram has taken the confirmation: ids begin
 * anew at random after a week of silence (https://core.telegram.org/bots/api#update), and an old offset would then confirm,
 * that is lose, what nobody has read.
 */
export function createPolling(api: BotApi, config: TelegramConfig): PollCapture {
  return {
    shape: 'poll',
    intervalMs: 500,
    async poll(cursor, signal) {
      const offset = /^\d+$/.test(cursor ?? '') ? Number(cursor) : 0;
      const parameters = { offset, limit: PAGE, timeout: config.poll_seconds, allowed_updates: WANTED_UPDATES };
      try {
        const timeoutMs = (config.poll_seconds + 10) * 1000;
        const updates = await api.call('getUpdates', parameters, { signal, timeoutMs });
        return outcomeOf(updates);
      } catch (error) {
        if (!isWebhookSet(error)) throw translate(error);
      }
      await api.call('deleteWebhook', {}, { signal }).catch((error: unknown) => {
        throw translate(error);
      });
      const message = 'The bot had a webhook. It was removed, since receive_by is polling; what waited is read now.';
      return { deliveries: [], cursor: String(offset), more: true, notices: [{ code: 'CONFIG', message }] };
    },
  };
}

function outcomeOf(updates: unknown): { deliveries: CapturedDelivery[]; cursor: string; more: boolean } {
  if (!Array.isArray(updates)) throw strange();
  const ids = updates.map((update) => {
    const id = optional(update)?.['update_id'];
    if (!isIdentifier(id)) throw strange();
    return id;
  });
  return {
    deliveries: updates.map((update) => deliveryOf(Buffer.from(JSON.stringify(update), 'utf8'))),
    cursor: ids.length === 0 ? BEGINNING : String(Math.max(...ids) + 1),
    more: updates.length === PAGE,
  };
}

const strange = (): BotApiUnreachable => new BotApiUnreachable('getUpdates', 'the answer is not of the Bot API', false);

/** The other 409 of getUpdates is a second reader. */
function isWebhookSet(error: unknown): boolean {
  return error instanceof BotApiRefusal && error.status === 409 && /webhook/i.test(error.description);
}
