import { createHash } from 'node:crypto';
import type { AccountNotice, PollCapture } from '@fanin/connector-kit';
import type { Clock, Metrics } from '@fanin/kernel';
import type { BotApi } from './client.js';
import type { TelegramConfig } from './config.js';
import { translate } from './errors.js';
import { isIdentifier, optional, text, WANTED_UPDATES, type Json } from './update.js';

const INTERVAL_MS = 60_000;

const GONE: AccountNotice = {
  code: 'REPAIRED',
  message: 'Telegram had no webhook for this bot any more; it is set again.',
};

export interface Upkeep {
  readonly accountId: string;
  /** The address that Telegram is to call. */
  readonly address: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * Keeps the webhook set. Nothing is listed: Telegram delivers again by itself for as long as it keeps updates (a day), and
 * refuses getUpdates meanwhile. It does not show the secret that it was given, so the cursor says what was set last.
 */
export function createUpkeep(api: BotApi, config: TelegramConfig, upkeep: Upkeep): PollCapture {
  const wanted = { url: upkeep.address, secret_token: config.webhook_secret, allowed_updates: WANTED_UPDATES };
  const mark = `hook:${createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 32)}`;
  return {
    shape: 'poll',
    intervalMs: INTERVAL_MS,
    async poll(cursor, signal) {
      try {
        const info = optional(await api.call('getWebhookInfo', {}, { signal })) ?? {};
        const failure = failureOf(info, upkeep.clock.now());
        const isRight = info['url'] === upkeep.address && cursor === mark && failure?.isSecret !== true;
        if (!isRight) await api.call('setWebhook', wanted, { signal });
        const pending = info['pending_update_count'];
        upkeep.metrics.gauge(
          'fanin_telegram_pending_updates',
          { account: upkeep.accountId },
          isIdentifier(pending) ? pending : 0,
        );
        const isGone = cursor === mark && (info['url'] ?? '') === '';
        const notices = [
          ...takenFrom(info, upkeep.address),
          ...(isGone ? [GONE] : []),
          ...(failure === undefined ? [] : [failure.notice]),
        ];
        return { deliveries: [], cursor: mark, more: false, notices };
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

function takenFrom(info: Json, address: string): AccountNotice[] {
  const { url } = info;
  if (typeof url !== 'string' || url === '' || url === address) return [];
  const host = URL.canParse(url) ? new URL(url).host : 'another address';
  const message = `Telegram called ${host} for this bot until now; it was told to call us.`;
  return [{ code: 'CONFIG', message }];
}

/** The last failed call of Telegram's, when it is younger than our last look. */
function failureOf(info: Json, now: number): { notice: AccountNotice; isSecret: boolean } | undefined {
  const at = info['last_error_date'];
  if (!isIdentifier(at) || at * 1000 < now - 1.5 * INTERVAL_MS) return undefined;
  const reason = text(info['last_error_message'], 200);
  const pending = isIdentifier(info['pending_update_count']) ? info['pending_update_count'] : 0;
  const message = `Telegram could not hand over updates (${reason}); ${pending} wait there, for a day at most.`;
  return { notice: { code: 'TRANSIENT', message }, isSecret: /\b401\b/.test(reason) };
}
