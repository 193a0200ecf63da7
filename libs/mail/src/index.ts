export { createMailParser, type MailParser, type MailParserOptions, type ParseContext } from './mail-parser.js';
export { MailParserUnavailable } from './worker/worker-pool.js';
export {
  MAIL_FLAGS,
  PARSE_LIMITS,
  type MailAttachment,
  type MailContent,
  type MailFlag,
  type ParsedMail,
  type ParseLimits,
  type UnparsedReason,
} from './parsed-mail.js';
export { decodeText, type DecodedText } from './text/charset.js';
export { cleanFileName, cleanLine, cleanText } from './text/cleaning.js';
export { domainOf, normaliseAddress, parseAddresses, sameAddress, type MailAddress } from './text/addresses.js';
export { decodeUnstructured, headerValue, headerValues, type MailHeader } from './text/headers.js';
export { normaliseMessageId, parseMessageIds, parseReferences, synthesiseMessageId } from './text/message-ids.js';
export { sanitiseHtml, type SanitisedHtml, type SanitiseOptions } from './html/sanitise.js';
export { htmlToText, type HtmlText } from './html/html-text.js';
export { splitQuoted, type SplitHints, type SplitText } from './quoted/split-quoted.js';
export { classifyMail, type ClassifyContext, type MailEnvelope } from './automatic/classify.js';
export {
  AUTOMATIC_RULES,
  type AutomaticMail,
  type AutomaticRule,
  type BounceReport,
  type FeedbackReport,
  type RecipientStatus,
} from './automatic/rules.js';
export { baseSubject, readThreadingHints, type ThreadingContext, type ThreadingHints } from './threading/hints.js';
export {
  findReplyToken,
  makeReplyAddress,
  readReplyAddress,
  withoutSubaddress,
  type ReplyToken,
} from './threading/reply-address.js';
export { makeOwnMessageId, readOwnMessageId, type OwnMessageId } from './threading/own-message-id.js';
export type { SigningSecrets } from './threading/signature.js';
export { buildReferences, replySubject } from './compose/references.js';
export { composeMail, type ComposedMail, type OutgoingAttachment, type OutgoingMail } from './compose/compose-mail.js';
export {
  readAuthentication,
  type MethodResult,
  type SenderAuthentication,
} from './authentication/authentication-results.js';
export { MailAccountConfig, RelayConfig } from './channel/mail-account.js';
export { createMailSender, type MailSender } from './channel/mail-sender.js';
export { createNormaliseMail, type MailMeta } from './channel/normalise-mail.js';
export { mailSecretsOf } from './channel/mail-secrets.js';
export { packId, unpackId } from './channel/packed-id.js';
export { smtpErrorOf } from './channel/smtp-errors.js';
