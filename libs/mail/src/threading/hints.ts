import type { ParsedMail } from '../parsed-mail.js';
import { findReplyToken, type ReplyToken } from './reply-address.js';
import { readOwnMessageId } from './own-message-id.js';
import type { SigningSecrets } from './signature.js';

export interface ThreadingHints {
  /** Root of References, else In-Reply-To, else the own Message-ID: known from the mail alone (the key on the bus). */
  readonly conversationKey: string;
  readonly messageId: string;
  readonly inReplyTo?: string;
  /** Root first. */
  readonly references: readonly string[];
  /** Ids to look up, best evidence first: In-Reply-To, then References from the last backwards. */
  readonly candidates: readonly string[];
  /** A valid signed reply address among the recipients: the strongest evidence. */
  readonly replyToken?: ReplyToken;
  /** Own signed Message-IDs among the candidates: proof that the sender got a message of ours. */
  readonly ownMessageIds: readonly string[];
  /** The subject without reply and forward prefixes, for comparison only: never a key by itself. */
  readonly baseSubject: string;
}

export interface ThreadingContext {
  readonly secrets: SigningSecrets;
  /** Recipients of the envelope (RCPT TO), when the mail came by SMTP. */
  readonly envelopeRecipients?: readonly string[];
}

const MAX_CANDIDATES = 50;
const PREFIX =
  /^(?:\s|\[?(?:re|aw|antw|sv|vs|rif|r|res|odp|ynt|ref|回复|回覆|答复|回信|返信|답장|fwd?|wg|tr|rv|i|enc|doorst|vb|vl|pd|ilt|转发|轉寄|転送|전달|ответ|отв|пересл)(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]\]?)+/iu;

/** What a mail tells about the conversation it belongs to (RFC 5322 §3.6.4). */
export function readThreadingHints(mail: ParsedMail, context: ThreadingContext): ThreadingHints {
  const { messageId, inReplyTo, references } = mail;
  const candidates = [...new Set([...(inReplyTo === undefined ? [] : [inReplyTo]), ...references.toReversed()])]
    .filter((id) => id !== messageId)
    .slice(0, MAX_CANDIDATES);
  const replyToken = findReplyToken(recipients(mail, context), context.secrets);
  return {
    conversationKey: references[0] ?? inReplyTo ?? messageId,
    messageId,
    references,
    candidates,
    ownMessageIds: candidates.filter((id) => readOwnMessageId(id, context.secrets) !== undefined),
    baseSubject: baseSubject(mail.subject),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
    ...(replyToken === undefined ? {} : { replyToken }),
  };
}

function* recipients(mail: ParsedMail, context: ThreadingContext): Generator<string> {
  yield* context.envelopeRecipients ?? [];
  for (const list of [mail.deliveredTo, mail.originalTo, mail.to, mail.cc])
    for (const { address } of list) yield address;
}

/** `Re: AW: Fwd: Order` → `Order`. */
export function baseSubject(subject: string): string {
  return subject.replace(PREFIX, '').trim();
}
