import type { MetaAppOptions, MetaInstagramOptions, MetaObject, MetaPageOptions, MetaPhoneOptions } from './options.js';

export type MetaChannel =
  'messenger' | 'page_comment' | 'instagram_dm' | 'instagram_comment' | 'instagram_mention' | 'whatsapp';

/** A Page, an Instagram professional account or a WhatsApp phone number, and the apps that were given it. */
export interface Account {
  kind: 'page' | 'instagram' | 'phone';
  /** The node in Graph calls. For Page and Instagram also the id of a webhook entry. */
  id: string;
  name: string;
  object: MetaObject;
  /** The id of a webhook entry: the WhatsApp Business Account for a phone. */
  entryId: string;
  appIds: Set<string>;
  page?: MetaPageOptions;
  instagram?: Omit<MetaInstagramOptions, 'accessToken'>;
  /** The Page that an Instagram account is linked to. */
  pageId?: string;
  phone?: MetaPhoneOptions;
}

export interface Token {
  value: string;
  appId: string;
  accountIds: Set<string>;
  state: 'valid' | 'revoked' | 'expired';
}

export interface Subscription {
  object: MetaObject;
  callbackUrl: string;
  verifyToken: string;
  /** Undefined: all fields. */
  fields?: string[];
  /** False once a delivery failed for the whole span of retries: nothing more is sent until it is configured again. */
  active: boolean;
  disabledAt?: string;
  /** Updates that were due while the subscription was disabled. */
  missed: number;
}

export interface App {
  options: MetaAppOptions;
  subscriptions: Map<MetaObject, Subscription>;
  /** Times of calls within the rate limit's span. */
  calls: number[];
}

export interface Person {
  /** PSID, IGSID or WhatsApp number: scoped to one account. */
  id: string;
  accountId: string;
  name: string;
  username?: string;
  /** Has blocked the business, or is not on WhatsApp. */
  unreachable: boolean;
}

export interface StoredAttachment {
  type: string;
  url?: string;
  blobId?: string;
  title?: string;
  filename?: string;
  mime?: string;
}

/** One message of a conversation, in either direction; what the conversations' edges list. */
export interface StoredMessage {
  id: string;
  accountId: string;
  personId: string;
  fromPerson: boolean;
  at: number;
  text?: string;
  attachments: StoredAttachment[];
  replyTo?: string;
  edits: number;
  deleted: boolean;
}

export interface Thread {
  id: string;
  accountId: string;
  personId: string;
  messages: StoredMessage[];
  updatedAt: number;
  /** When the person last did what opens the 24 hours. */
  openedAt?: number;
}

export interface StoredComment {
  id: string;
  platform: 'page' | 'instagram';
  accountId: string;
  /** Page post or Instagram media. */
  postId: string;
  parentId?: string;
  fromId: string;
  fromName: string;
  text: string;
  at: number;
  removed: boolean;
  /** Made on somebody else's media, mentioning the account. */
  mention: boolean;
  live: boolean;
  photo?: string;
  privatelyAnswered: boolean;
}

export interface Post {
  id: string;
  accountId: string;
  text: string;
  /** Instagram: a broadcast that is on. */
  live: boolean;
  /** A media of somebody else, whose caption mentions the account. */
  owner?: string;
  at: number;
}

/** A file at Meta: WhatsApp media by id, attachments and pictures by link. */
export interface Blob {
  id: string;
  accountId: string;
  bytes: Buffer;
  mime: string;
  filename?: string;
  /** Media ids of a webhook live 7 days, uploaded ones 30. */
  expiresAt: number;
}

/** What our side sent, as `sent()` and `GET /_control/sent` show it. */
export interface SentMessage {
  id: string;
  at: string;
  app_id: string;
  channel: MetaChannel;
  account_id: string;
  kind: 'message' | 'private_reply' | 'comment' | 'template';
  /** PSID, IGSID or number; not for comments. */
  to?: string;
  text?: string;
  attachments?: {
    type: string;
    url?: string;
    attachment_id?: string;
    id?: string;
    filename?: string;
    bytes?: number;
  }[];
  /** The comment that was answered. */
  comment_id?: string;
  reply_to?: string;
  tag?: string;
  template?: unknown;
  biz_opaque_callback_data?: string;
  /** The call's parameters as they came. */
  request: unknown;
}

/** One Graph call of our side, without its token. */
export interface GraphCall {
  at: string;
  method: string;
  path: string;
  status: number;
  code?: number;
}

/** One change that is due to every app that was given the account. */
export interface Update {
  object: MetaObject;
  entryId: string;
  /** The subscription's field: an app that did not subscribe to it gets nothing. */
  field: string;
  /** How it stands in the entry. */
  list: 'messaging' | 'standby' | 'changes';
  at: number;
  item: unknown;
}
