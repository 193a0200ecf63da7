import type { RemoteAttachment } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';

const MESSAGE_MEDIA =
  /\/2010-04-01\/Accounts\/(AC[0-9a-fA-F]{32})\/Messages\/([A-Z]{2}[0-9a-fA-F]{32})\/Media\/(ME[0-9a-fA-F]{32})$/;
const RECORDING = /\/2010-04-01\/Accounts\/(AC[0-9a-fA-F]{32})\/Recordings\/(RE[0-9a-fA-F]{32})(\.\w+)?$/;
const API = 'https://api.twilio.com/2010-04-01/Accounts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'audio/mpeg': 'mp3',
  'audio/ogg': 'ogg',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'text/plain': 'txt',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
};

/** The address of a message's file as Twilio writes it, however the call that named it was led: both doors name it alike. */
export function mediaRef(accountSid: string, messageSid: string, mediaSid: string): string {
  return `${API}/${accountSid}/Messages/${messageSid}/Media/${mediaSid}`;
}

export function attachmentOf(url: string, contentType: string | undefined, index: number): RemoteAttachment {
  if (!URL.canParse(url)) throw new FaninError('BAD_PAYLOAD', `MediaUrl${index} is no URL`);
  const match = MESSAGE_MEDIA.exec(new URL(url).pathname);
  const ref = match === null ? url : mediaRef(match[1] ?? '', match[2] ?? '', match[3] ?? '');
  const type = (contentType ?? 'application/octet-stream').slice(0, 255);
  return { ref, name: `${match?.[3] ?? `file-${index + 1}`}.${extensionOf(type)}`, content_type: type, inline: false };
}

function extensionOf(contentType: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const known = EXTENSIONS[type];
  if (known !== undefined) return known;
  const subtype = type.split('/')[1] ?? '';
  return /^[a-z0-9]{1,5}$/.test(subtype) ? subtype : 'bin';
}

/** Twilio makes the MP3 of the same sound on demand: a tenth of the size of its WAV. */
export function recordingAttachment(accountSid: string, recordingSid: string): RemoteAttachment {
  return {
    ref: `${API}/${accountSid}/Recordings/${recordingSid}.mp3`,
    name: `voicemail-${recordingSid}.mp3`,
    content_type: 'audio/mpeg',
    inline: false,
  };
}

export function recordingSidOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? RECORDING.exec(new URL(url).pathname)?.[2] : undefined;
}

/** The resource whose file a ref names, for asking whether it is there at all; undefined for what is no address of Twilio's API. */
export function resourceOf(
  ref: string,
):
  | { readonly kind: 'media'; readonly list: string; readonly sid: string }
  | { readonly kind: 'recording'; readonly uri: string }
  | undefined {
  if (!ref.startsWith(`${API}/`) || !URL.canParse(ref)) return undefined;
  const { pathname } = new URL(ref);
  const media = MESSAGE_MEDIA.exec(pathname);
  if (media !== null)
    return { kind: 'media', list: `${API}/${media[1]}/Messages/${media[2]}/Media.json`, sid: media[3] ?? '' };
  const recording = RECORDING.exec(pathname);
  return recording === null
    ? undefined
    : { kind: 'recording', uri: `${API}/${recording[1]}/Recordings/${recording[2]}.json` };
}
