/** Frames of the chat protocol, version 1: JSON objects in text messages of a WebSocket. README is the reference. */
export const PROTOCOL_VERSION = 1;
/** A text of 4 KiB whose every byte JSON escapes by six characters fits. */
export const MAX_FRAME_BYTES = 32 * 1024;
export const PING_INTERVAL_MS = 25_000;
export const PONG_TIMEOUT_MS = 20_000;

export interface HelloFrame {
  readonly type: 'hello';
  readonly v: number;
  readonly account_id: string;
  /** Token of an anonymous visitor, from an earlier welcome. */
  readonly token?: string | null;
  /** Signed identity. With `token` too, the anonymous conversation becomes the signed visitor's. */
  readonly jwt?: string | null;
  /** The conversation that `last_seq` counts in. */
  readonly conversation_id?: string | null;
  readonly last_seq: number;
  /** Name that an anonymous visitor gave. */
  readonly name?: string | null;
  readonly client?: string;
  /** Path of the page that carries the widget. */
  readonly page?: string;
}

export interface MessageFrame {
  readonly type: 'message';
  readonly client_message_id: string;
  readonly text: string;
  /** The conversation that the message was first tried in; it stays part of the message's id. */
  readonly conversation_id?: string | null;
  /** When the customer pressed "send", by the customer's clock. */
  readonly sent_at?: string;
}

export type ClientFrame =
  HelloFrame | MessageFrame | { readonly type: 'typing' } | { readonly type: 'pong' } | { readonly type: 'logout' };

export interface Limits {
  readonly max_text_bytes: number;
  readonly messages_per_second: number;
  readonly message_burst: number;
  readonly ping_interval_ms: number;
  readonly pong_timeout_ms: number;
}

export interface WelcomeFrame {
  readonly type: 'welcome';
  readonly v: number;
  /** Keep it and present it next time; null for a signed visitor: then forget the one you have. */
  readonly token: string | null;
  readonly conversation_id: string;
  /** Events follow from here. Smaller than `last_seq`: what you show is not this conversation; throw it away. */
  readonly seq: number;
  readonly verified: boolean;
  readonly name: string | null;
  readonly greeting: string;
  readonly limits: Limits;
}

export interface EventFrame {
  readonly type: 'event';
  readonly seq: number;
  readonly direction: 'inbound' | 'outbound';
  /** client_message_id of an inbound message, outbound id of a reply. */
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: 'visitor' | 'agent' | 'automatic'; readonly name: string | null };
  readonly at: string;
}

export const NACK_CODES = ['try_again', 'rate_limited', 'too_long', 'empty'] as const;
export type NackCode = (typeof NACK_CODES)[number];

export type ServerFrame =
  | WelcomeFrame
  | EventFrame
  /** All events up to `seq` were sent; what follows happens now. */
  | { readonly type: 'live'; readonly seq: number }
  | { readonly type: 'ack'; readonly client_message_id: string; readonly seq: number; readonly at: string }
  | {
      readonly type: 'nack';
      readonly client_message_id: string;
      readonly code: NackCode;
      readonly reason: string;
      /** null: sending it again is of no use. */
      readonly retry_after_ms: number | null;
    }
  | { readonly type: 'ping' };
