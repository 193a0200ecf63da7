import type { SimulatorOptions } from '@fanin/simulators/core';

export type MetaObject = 'page' | 'instagram' | 'whatsapp_business_account';

export interface MetaPageOptions {
  id: string;
  name: string;
  /** A Page access token; it also reaches the linked Instagram account. */
  accessToken: string;
  instagram?: { id: string; username: string; name?: string };
}

/** An Instagram professional account reached by its own token (Instagram Login), without a Page. */
export interface MetaInstagramOptions {
  id: string;
  username: string;
  name?: string;
  accessToken: string;
}

export interface MetaTemplateOptions {
  name: string;
  language: string;
  /** How many {{n}} the body has. */
  parameters: number;
  /** APPROVED unless said; PAUSED and DISABLED are refused as Meta does. */
  status?: 'APPROVED' | 'PAUSED' | 'DISABLED';
}

export interface MetaPhoneOptions {
  /** The phone number id, not the number. */
  id: string;
  wabaId: string;
  displayNumber: string;
  verifiedName: string;
  accessToken: string;
  templates?: MetaTemplateOptions[];
}

export interface MetaAppOptions {
  id: string;
  secret: string;
  verifyToken: string;
  /** "Require App Secret": calls without appsecret_proof are refused. Default false; a wrong proof is always refused. */
  requireProof?: boolean;
  /** Verified at start, the start fails where the receiver does not pass; more can be set later by `configure`. */
  webhooks?: Partial<Record<MetaObject, string>>;
  pages?: MetaPageOptions[];
  instagram?: MetaInstagramOptions[];
  phones?: MetaPhoneOptions[];
}

/** What follows a message of ours without being asked. */
export interface ReceiptPlan {
  /** Messenger, Instagram: an is_echo event with our app id; comments: the change caused by our own reply. Default true. */
  echo: boolean;
  /** Messenger `delivery`, WhatsApp `sent` and `delivered`. Default true. */
  delivered: boolean;
  /** `read`. Default false. */
  read: boolean;
  /** Whether a Messenger delivery names its mids; Meta does so only sometimes. Default true. */
  mids: boolean;
  /** Before each step. Default 0. */
  delayMs: number;
}

export interface RateLimit {
  /** Calls of one app in any span of `perMs`; 0 refuses all. */
  calls: number;
  perMs: number;
  /** 4 app, 17 user, 32 Page, 613 custom, 80007 WhatsApp account. */
  code: 4 | 17 | 32 | 613 | 80007;
}

export interface MetaSettings {
  /** Graph versions that answer. */
  versions: string[];
  /** Versions that answered once: their error names the newest. */
  expiredVersions: string[];
  /** Updates per webhook POST: 1 sends each at once; 2..1000 holds them until so many are there or `flush()` is called. */
  batch: number;
  receipts: ReceiptPlan;
  rateLimit?: RateLimit;
  /** Links in attachments and profile pictures answer 403 after this. Default 1 hour. */
  cdnTtlMs: number;
  /** WhatsApp media URLs; Meta says 5 minutes. */
  mediaUrlTtlMs: number;
  /** Outside 24 hours WhatsApp accepts the message and reports `failed` 131047 by webhook; 'refuse' answers the call with it. */
  whatsappWindow: 'report' | 'refuse';
}

export interface MetaSimulatorOptions extends SimulatorOptions, Omit<Partial<MetaSettings>, 'receipts'> {
  /** Default: one app with one Page (with Instagram) and one phone number, see `demoApp`. */
  apps?: MetaAppOptions[];
  receipts?: Partial<ReceiptPlan>;
  /** Before an unanswered delivery counts as failed. Default 20 seconds. */
  webhookTimeoutMs?: number;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Most updates of one POST. */
export const MAX_BATCH = 1000;

export const demoApp: MetaAppOptions = {
  id: '821904350119287',
  secret: '5f1d7e84c0b94a6c8a3a2bd97e0c6f41',
  verifyToken: 'fanin-verify-token',
  pages: [
    {
      id: '104857620015542',
      name: 'Harbour Outdoor',
      accessToken: 'EAALrdemoPageToken104857620015542',
      instagram: { id: '17841402276019334', username: 'harbour.outdoor', name: 'Harbour Outdoor' },
    },
  ],
  phones: [
    {
      id: '106540352242922',
      wabaId: '102290129340398',
      displayNumber: '15550783881',
      verifiedName: 'Harbour Outdoor',
      accessToken: 'EAALrdemoSystemUserToken106540352242922',
      templates: [
        { name: 'reopen_conversation', language: 'en', parameters: 1 },
        { name: 'reopen_conversation', language: 'de', parameters: 1 },
        { name: 'paused_offer', language: 'en', parameters: 0, status: 'PAUSED' },
      ],
    },
  ],
};

export function settingsOf(options: MetaSimulatorOptions): MetaSettings {
  return {
    versions: options.versions ?? ['v22.0', 'v23.0', 'v24.0', 'v25.0'],
    expiredVersions: options.expiredVersions ?? ['v15.0', 'v16.0', 'v17.0', 'v18.0'],
    batch: checkedBatch(options.batch ?? 1),
    receipts: { echo: true, delivered: true, read: false, mids: true, delayMs: 0, ...options.receipts },
    cdnTtlMs: options.cdnTtlMs ?? HOUR_MS,
    mediaUrlTtlMs: options.mediaUrlTtlMs ?? 300_000,
    whatsappWindow: options.whatsappWindow ?? 'report',
    ...(options.rateLimit === undefined ? {} : { rateLimit: options.rateLimit }),
  };
}

export function checkedBatch(batch: number): number {
  if (Number.isInteger(batch) && batch >= 1 && batch <= MAX_BATCH) return batch;
  throw new RangeError(`batch is a whole number from 1 to ${MAX_BATCH}, not ${batch}`);
}
