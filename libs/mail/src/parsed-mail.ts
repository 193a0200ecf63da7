import type { MailAddress } from './text/addresses.js';
import type { MailHeader } from './text/headers.js';

/** Notices a parsed mail carries; a person who sees the message is told, and rules may use them. */
export const MAIL_FLAGS = [
  'message_id_synthesised',
  'date_missing',
  'date_unusable',
  'headers_damaged',
  'repeated_header',
  'charset_guessed',
  'text_from_html',
  'html_shortened',
  'text_shortened',
  'structure_repaired',
  'second_parser',
  'parts_left_out',
  'unparsed',
  'calendar',
  'winmail_dat',
  'smime_signed',
  'smime_encrypted',
  'pgp_signed',
  'pgp_encrypted',
] as const;
export type MailFlag = (typeof MAIL_FLAGS)[number];

export type UnparsedReason = 'too_large' | 'timeout' | 'memory' | 'parser_error' | 'empty_result';

export interface MailAttachment {
  /** Cleaned: no path, no control or direction characters, never empty. */
  readonly name: string;
  /** As the mail declares it, lower-case, without parameters. A declaration, not a finding. */
  readonly contentType: string;
  /** Parameters of the content type, e.g. `method` of a calendar part. */
  readonly contentTypeParams: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly content: Buffer;
  /** Without angle brackets: what `cid:` in the HTML refers to. */
  readonly contentId?: string;
  /** Meant to be shown inside the HTML (a Content-ID inside multipart/related, or Content-Disposition inline). */
  readonly inline: boolean;
}

/** What a person is shown first; computed under the parser's time limit, since HTML is as hostile as MIME. */
export interface MailContent {
  /** The new part. */
  readonly text: string;
  /** The quoted part, empty when none was recognised. `text` and `quotedText` together cover the whole text. */
  readonly quotedText: string;
  /** Sanitised; absent when the mail has no HTML. */
  readonly html?: string;
  readonly blockedRemoteImages: number;
}

export interface ParsedMail {
  /** Topmost first, unfolded, encoded words still encoded. */
  readonly headers: readonly MailHeader[];
  /** `<id@host>`; made from the bytes when the mail has none (flag `message_id_synthesised`). */
  readonly messageId: string;
  /**
   * SHA-256 over From, Date, Subject, Message-ID and the body, line ends aside; trace headers do not count. Two mails of
   * one Message-ID are copies when this is equal, and different mails when it is not (a Message-ID may be reused or stolen).
   */
  readonly contentHash: string;
  readonly inReplyTo?: string;
  /** Root first. */
  readonly references: readonly string[];
  readonly from: readonly MailAddress[];
  readonly sender?: MailAddress;
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly deliveredTo: readonly MailAddress[];
  readonly originalTo: readonly MailAddress[];
  /** One clean line; empty when there is none. */
  readonly subject: string;
  /** Absent when missing or unusable. */
  readonly date?: Date;
  /** Of the whole mail, quotes included; made from the HTML where there is no text part. */
  readonly text: string;
  /** As the sender wrote it: never show it without `sanitiseHtml`. */
  readonly html?: string;
  readonly content: MailContent;
  readonly attachments: readonly MailAttachment[];
  readonly flags: readonly MailFlag[];
  /** Set when no parser could read the body: the headers are still there and the original must be offered. */
  readonly unparsed?: { readonly reason: UnparsedReason; readonly detail: string };
}

export interface ParseLimits {
  readonly maxBytes: number;
  readonly maxParts: number;
  readonly maxDepth: number;
  readonly maxHtmlLength: number;
  readonly maxTextLength: number;
}

export const PARSE_LIMITS: ParseLimits = {
  maxBytes: 50 * 1024 * 1024,
  maxParts: 1000,
  maxDepth: 100,
  maxHtmlLength: 1024 * 1024,
  maxTextLength: 2 * 1024 * 1024,
};
