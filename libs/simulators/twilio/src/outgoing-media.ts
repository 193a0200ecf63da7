import { callOut } from '@fanin/simulators/core';
import type { StatusStep } from './config.js';
import { channelOf } from './parts.js';
import type { TwilioParts } from './parts.js';
import { newSid } from './sids.js';
import type { MessageRecord } from './store.js';

const MEDIA_NOT_FETCHED = { sms: 12300, whatsapp: 63019 };

/**
 * With `fetch_media`, Twilio's side of `MediaUrl`: each file is fetched from our side and kept with the message. One that
 * cannot be had makes the message fail (63019 for WhatsApp; the code for MMS is unconfirmed).
 */
export async function fetchMedia(parts: TwilioParts, message: MessageRecord): Promise<StatusStep | undefined> {
  for (const url of message.media_urls) {
    const outcome = await callOut(
      { url, method: 'GET', headers: { 'user-agent': 'TwilioProxy/1.1' }, body: Buffer.alloc(0) },
      { connectTimeoutMs: 5000, timeoutMs: 15_000, signal: parts.signal, largestBytes: 16 * 1024 * 1024 },
    );
    if (outcome.status !== 200) {
      return { status: 'failed', after_ms: 0, error_code: MEDIA_NOT_FETCHED[channelOf(message.to)] };
    }
    const now = parts.clock.now();
    message.media.push({
      sid: newSid(parts.random, 'ME'),
      content_type: outcome.headers['content-type'] ?? 'application/octet-stream',
      bytes: outcome.body,
      created_ms: now,
      ready_ms: now,
    });
  }
  return undefined;
}
