import type { TwilioAccount, TwilioNumber } from './config.js';
import { rfc2822, rfc2822OrNull } from './dates.js';
import { API_VERSION, apiPath } from './parts.js';
import type { CallRecord, MediaRecord, MessageRecord, RecordingRecord, TranscriptionRecord } from './store.js';

/** The JSON of the 2010-04-01 API's resources; fields as in the SDK's `…Resource` types. */

export function messageResource(message: MessageRecord) {
  const path = apiPath(message.account_sid, `/Messages/${message.sid}`);
  return {
    body: message.body,
    num_segments: `${message.num_segments}`,
    direction: message.direction,
    from: message.from,
    to: message.to,
    date_updated: rfc2822(message.updated_ms),
    price: null,
    error_message: message.error_message,
    uri: `${path}.json`,
    account_sid: message.account_sid,
    num_media: `${Math.max(message.media.length, message.media_urls.length)}`,
    status: message.status,
    messaging_service_sid: message.messaging_service_sid,
    sid: message.sid,
    date_sent: rfc2822OrNull(message.sent_ms),
    date_created: rfc2822(message.created_ms),
    error_code: message.error_code,
    price_unit: 'USD',
    api_version: API_VERSION,
    subresource_uris: { media: `${path}/Media.json` },
  };
}

export function mediaResource(message: MessageRecord, media: MediaRecord) {
  return {
    sid: media.sid,
    account_sid: message.account_sid,
    parent_sid: message.sid,
    content_type: media.content_type,
    date_created: rfc2822(media.created_ms),
    date_updated: rfc2822(media.created_ms),
    uri: apiPath(message.account_sid, `/Messages/${message.sid}/Media/${media.sid}.json`),
  };
}

export function callResource(call: CallRecord) {
  const path = apiPath(call.account_sid, `/Calls/${call.sid}`);
  return {
    sid: call.sid,
    date_created: rfc2822(call.created_ms),
    date_updated: rfc2822(call.end_ms ?? call.start_ms ?? call.created_ms),
    parent_call_sid: call.parent_call_sid,
    account_sid: call.account_sid,
    to: call.to,
    to_formatted: call.to,
    from: call.from,
    from_formatted: call.from,
    phone_number_sid: call.phone_number_sid,
    status: call.status,
    start_time: rfc2822OrNull(call.start_ms),
    end_time: rfc2822OrNull(call.end_ms),
    duration: call.duration_seconds === null ? null : `${call.duration_seconds}`,
    price: null,
    price_unit: 'USD',
    direction: call.direction,
    answered_by: null,
    api_version: API_VERSION,
    forwarded_from: call.forwarded_from,
    group_sid: null,
    caller_name: call.caller_name,
    queue_time: '0',
    trunk_sid: null,
    uri: `${path}.json`,
    subresource_uris: { recordings: `${path}/Recordings.json` },
  };
}

export function recordingResource(recording: RecordingRecord, mediaUrl: string) {
  const path = apiPath(recording.account_sid, `/Recordings/${recording.sid}`);
  return {
    account_sid: recording.account_sid,
    api_version: API_VERSION,
    call_sid: recording.call_sid,
    conference_sid: null,
    date_created: rfc2822(recording.start_ms),
    date_updated: rfc2822(recording.ready_ms ?? recording.start_ms),
    start_time: rfc2822(recording.start_ms),
    duration: `${recording.duration_seconds}`,
    sid: recording.sid,
    price: null,
    price_unit: 'USD',
    status: recording.status,
    channels: 1,
    source: recording.source,
    error_code: recording.error_code,
    uri: `${path}.json`,
    encryption_details: null,
    subresource_uris: { transcriptions: `${path}/Transcriptions.json` },
    media_url: mediaUrl,
  };
}

export function transcriptionResource(transcription: TranscriptionRecord) {
  return {
    account_sid: transcription.account_sid,
    api_version: API_VERSION,
    date_created: rfc2822(transcription.created_ms),
    date_updated: rfc2822(transcription.created_ms),
    duration: `${transcription.duration_seconds}`,
    price: '-0.05000',
    price_unit: 'USD',
    recording_sid: transcription.recording_sid,
    sid: transcription.sid,
    status: transcription.status,
    transcription_text: transcription.text,
    type: 'fast',
    uri: apiPath(transcription.account_sid, `/Transcriptions/${transcription.sid}.json`),
  };
}

export function accountResource(account: TwilioAccount) {
  const path = apiPath(account.account_sid);
  return {
    auth_token: account.auth_token,
    date_created: rfc2822(0),
    date_updated: rfc2822(0),
    friendly_name: 'Simulated account',
    owner_account_sid: account.account_sid,
    sid: account.account_sid,
    status: 'active',
    subresource_uris: { messages: `${path}/Messages.json`, calls: `${path}/Calls.json` },
    type: 'Full',
    uri: `${path}.json`,
  };
}

export function numberResource(account: TwilioAccount, number: TwilioNumber) {
  return {
    account_sid: account.account_sid,
    address_requirements: 'none',
    api_version: API_VERSION,
    beta: false,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    date_created: rfc2822(0),
    date_updated: rfc2822(0),
    friendly_name: number.phone_number,
    phone_number: number.phone_number,
    origin: 'twilio',
    sid: number.sid,
    sms_fallback_method: 'POST',
    sms_fallback_url: number.sms_fallback_url ?? '',
    sms_method: 'POST',
    sms_url: number.sms_url ?? '',
    status_callback: number.status_callback ?? '',
    status_callback_method: 'POST',
    voice_fallback_method: 'POST',
    voice_fallback_url: number.voice_fallback_url ?? '',
    voice_method: 'POST',
    voice_url: number.voice_url ?? '',
    status: 'in-use',
    uri: apiPath(account.account_sid, `/IncomingPhoneNumbers/${number.sid}.json`),
  };
}
