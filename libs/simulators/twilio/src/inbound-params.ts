import type { MessagingService, TwilioAccount } from './config.js';
import type { InboundMessage } from './inbound.js';
import type { OptOutType } from './opt-out.js';
import { API_HOST, API_VERSION, apiPath, bareNumber, linkTo } from './parts.js';
import type { TwilioParts } from './parts.js';
import type { MediaRecord, MessageRecord } from './store.js';

/** The fields of the incoming message webhook (twilio.com/docs/messaging/guides/webhook-request). */
export function inboundParams(
  parts: TwilioParts,
  account: TwilioAccount,
  message: MessageRecord,
  inbound: InboundMessage,
  word: OptOutType | undefined,
): Record<string, string> {
  const service = account.messaging_services.find((each) => each.senders.includes(message.to));
  return {
    MessageSid: message.sid,
    SmsSid: message.sid,
    SmsMessageSid: message.sid,
    SmsStatus: 'received',
    AccountSid: message.account_sid,
    ...(service === undefined ? {} : { MessagingServiceSid: service.sid }),
    From: message.from,
    To: message.to,
    Body: message.body,
    NumMedia: `${message.media.length}`,
    NumSegments: `${message.num_segments}`,
    ApiVersion: API_VERSION,
    ...mediaParams(parts, message),
    ...(inbound.channel === 'whatsapp' ? whatsAppParams(message, inbound) : phoneParams(word, service)),
    ...inbound.extra,
  };
}

function mediaParams(parts: TwilioParts, message: MessageRecord): Record<string, string> {
  const params: Record<string, string> = {};
  message.media.forEach((media: MediaRecord, index) => {
    const path = apiPath(message.account_sid, `/Messages/${message.sid}/Media/${media.sid}`);
    params[`MediaContentType${index}`] = media.content_type;
    params[`MediaUrl${index}`] = linkTo(parts, API_HOST, path);
  });
  return params;
}

/** The place is that of the number range, never of the person; empty where nothing is known. */
function phoneParams(word: OptOutType | undefined, service: MessagingService | undefined): Record<string, string> {
  return {
    FromCity: '',
    FromState: 'DC',
    FromZip: '',
    FromCountry: 'US',
    ToCity: '',
    ToState: 'DC',
    ToZip: '',
    ToCountry: 'US',
    ...(word !== undefined && service?.advanced_opt_out === true ? { OptOutType: word } : {}),
  };
}

function whatsAppParams(message: MessageRecord, inbound: InboundMessage): Record<string, string> {
  const { button, location, replied_to: repliedTo } = inbound;
  return {
    ProfileName: inbound.profile_name ?? '',
    WaId: bareNumber(message.from).replace(/^\+/, ''),
    MessageType: messageTypeOf(message, inbound),
    ...(inbound.forwarded === true ? { Forwarded: 'true' } : {}),
    ...(button === undefined ? {} : { ButtonText: button.text, ButtonPayload: button.payload }),
    ...(location === undefined
      ? {}
      : {
          Latitude: `${location.latitude}`,
          Longitude: `${location.longitude}`,
          ...(location.address === undefined ? {} : { Address: location.address }),
          ...(location.label === undefined ? {} : { Label: location.label }),
        }),
    ...(repliedTo === undefined
      ? {}
      : { OriginalRepliedMessageSid: repliedTo.sid, OriginalRepliedMessageSender: repliedTo.sender }),
  };
}

function messageTypeOf(message: MessageRecord, inbound: InboundMessage): string {
  if (inbound.button !== undefined) return 'button';
  if (inbound.location !== undefined) return 'location';
  const [media] = message.media;
  if (media === undefined) return 'text';
  const kind = media.content_type.split('/')[0] ?? '';
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document';
}
