/** Bodies of `inbound(...)` and of `POST /_control/inbound`: the same names in both. */

export interface PersonInput {
  /** PSID, IGSID or WhatsApp number. Without it the person of this name, or a new one. */
  id?: string;
  name?: string;
  username?: string;
  /** Cannot be reached: Messenger refuses with 551, WhatsApp reports 131026. */
  unreachable?: boolean;
}

export interface FileInput {
  /** An address of your own; else the file stands at the simulator. */
  url?: string;
  base64?: string;
  mime?: string;
  filename?: string;
}

export interface AttachmentInput extends FileInput {
  type: 'image' | 'audio' | 'video' | 'file' | 'fallback' | 'share' | 'story_mention' | 'ig_reel';
  title?: string;
}

interface Common {
  /** Page, Instagram account or phone number id; the first of its kind without it. */
  account?: string;
  from?: string | PersonInput;
  /** When it happened: epoch milliseconds or ISO 8601. Default now. */
  at?: number | string;
}

export interface DirectInbound extends Common {
  channel: 'messenger' | 'instagram_dm';
  kind?: 'message' | 'postback' | 'reaction' | 'edit' | 'unsend' | 'read' | 'delivery' | 'echo' | 'unsupported';
  text?: string;
  attachments?: AttachmentInput[];
  /** The payload of the quick reply that was pressed. */
  quick_reply?: string;
  reply_to?: string | { story: { id: string; url: string } };
  /** Another app has the thread. */
  standby?: boolean;
  /** The message that a reaction, an edit, an unsend or a read is about. */
  mid?: string;
  action?: 'react' | 'unreact';
  reaction?: string;
  emoji?: string;
  title?: string;
  payload?: string;
  /** Delivery and read: all up to this time (default `at`). */
  watermark?: number;
  mids?: string[];
  /** Echo: the tool that sent it; without it the Page inbox. */
  app_id?: string;
}

export interface CommentInbound extends Common {
  channel: 'page_comment' | 'instagram_comment' | 'instagram_mention';
  kind?: 'add' | 'edited' | 'remove' | 'broadcast_end';
  text?: string;
  /** Page post or Instagram media; one is made when there is none. */
  post?: string;
  /** The comment this one answers. */
  parent?: string;
  /** Edited, remove: which. */
  comment?: string;
  photo?: FileInput;
  /** Instagram: on a live broadcast. */
  live?: boolean;
  /** Mention: where. Default 'comment'. */
  in?: 'comment' | 'caption';
}

export interface WhatsappInbound extends Common {
  channel: 'whatsapp';
  kind?:
    | 'text'
    | 'image'
    | 'audio'
    | 'document'
    | 'video'
    | 'sticker'
    | 'location'
    | 'contacts'
    | 'interactive'
    | 'button'
    | 'reaction'
    | 'system'
    | 'unsupported'
    | 'order'
    | 'status';
  text?: string;
  caption?: string;
  file?: FileInput;
  /** Audio: a voice message. Default true. */
  voice?: boolean;
  /** The wamid this one answers. */
  context?: string;
  forwarded?: boolean;
  /** Reaction, status: which message. */
  mid?: string;
  /** Reaction: '' takes it back. */
  emoji?: string;
  location?: { latitude: number; longitude: number; name?: string; address?: string };
  contacts?: unknown[];
  interactive?: { id: string; title: string; description?: string; list?: boolean };
  button?: { payload: string; text: string };
  /** System: the number that the customer has now. */
  new_number?: string;
  order?: { catalog_id: string; text?: string; product_items: unknown[] };
  status?: 'sent' | 'delivered' | 'read' | 'failed';
  error?: { code: number; title: string; details?: string };
}

export type MetaInbound = DirectInbound | CommentInbound | WhatsappInbound;

export interface InboundResult {
  /** mid, comment id, wamid; of the message meant where nothing new was made. */
  id: string;
  /** The person's id at this account. */
  from: string;
  account: string;
  at: string;
  /** Comments: the post or media. */
  post_id?: string;
  /** Conversations: as `GET /{account}/conversations` lists it. */
  thread_id?: string;
}
