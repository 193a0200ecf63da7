import { createHash } from 'node:crypto';
import { cutNesting, MAX_HTML_DEPTH } from '../html/nesting.js';
import { decodeText } from '../text/charset.js';
import { cleanFileName, cleanText, cut } from '../text/cleaning.js';
import { unflow } from '../text/flowed.js';
import type { MailAttachment, MailFlag, ParseLimits } from '../parsed-mail.js';
import type { LeafPart } from './part.js';

/** A stretch of the body: one text leaf, or all the readings of one multipart/alternative. */
export interface BodyUnit {
  readonly plain?: string;
  readonly html?: string;
}

export interface AssembledBody {
  readonly units: readonly BodyUnit[];
  readonly attachments: readonly MailAttachment[];
  readonly flags: ReadonlySet<MailFlag>;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/html': 'html',
  'text/calendar': 'ics',
  'message/rfc822': 'eml',
  'message/delivery-status': 'txt',
  'text/rfc822-headers': 'txt',
};

/** Sorts the leaves into body and attachments. */
export function assemble(parts: readonly LeafPart[], limits: ParseLimits, hint: string | undefined): AssembledBody {
  const flags = new Set<MailFlag>();
  const units = new Map<number, { plain: string[]; html: string[] }>();
  const attachments: MailAttachment[] = [];
  let budget = limits.maxTextLength;
  let htmlBudget = limits.maxHtmlLength;
  parts.forEach((part, index) => {
    noteSpecialKinds(part, flags);
    if (!isBody(part, units.size === 0)) {
      if (part.content.length > 0 || fileNameOf(part) !== undefined)
        attachments.push(attachmentOf(part, attachments.length + 1));
      return;
    }
    const isHtml = part.contentType.value === 'text/html';
    const text = textOf(part, hint, flags);
    const shown = cut(text, Math.max(0, isHtml ? htmlBudget : budget));
    const kept = isHtml ? cutNesting(shown, MAX_HTML_DEPTH) : shown;
    if (kept.length < text.length) {
      flags.add(isHtml ? 'html_shortened' : 'text_shortened');
      attachments.push(attachmentOf(part, attachments.length + 1));
    }
    if (isHtml) htmlBudget -= kept.length;
    else budget -= kept.length;
    const alternative = part.ancestors.find(({ subtype }) => subtype === 'alternative');
    const key = alternative?.id ?? -1 - index;
    const unit = units.get(key) ?? { plain: [], html: [] };
    (isHtml ? unit.html : unit.plain).push(kept);
    units.set(key, unit);
  });
  return { units: [...units.values()].map(toUnit), attachments, flags };
}

function toUnit({ plain, html }: { plain: string[]; html: string[] }): BodyUnit {
  const text = joinNonBlank(plain, '\n');
  const markup = joinNonBlank(html, '<br>\n');
  return { ...(text === undefined ? {} : { plain: text }), ...(markup === undefined ? {} : { html: markup }) };
}

function joinNonBlank(pieces: readonly string[], separator: string): string | undefined {
  const kept = pieces.filter((piece) => piece.trim() !== '');
  return kept.length === 0 ? undefined : kept.join(separator);
}

/** Text that is shown as the message: not declared an attachment, and named like a file only when it comes first. */
function isBody(part: LeafPart, first: boolean): boolean {
  const { value } = part.contentType;
  if (value !== 'text/plain' && value !== 'text/html') return false;
  if (part.disposition.value !== '' && part.disposition.value !== 'inline') return false;
  return fileNameOf(part) === undefined || (first && part.disposition.params['filename'] === undefined);
}

function fileNameOf(part: LeafPart): string | undefined {
  return part.disposition.params['filename'] ?? part.contentType.params['name'];
}

function textOf(part: LeafPart, hint: string | undefined, flags: Set<MailFlag>): string {
  const { params, value } = part.contentType;
  const label = params['charset'] ?? (value === 'text/html' ? metaCharset(part.content) : undefined);
  const decoded = decodeText(part.content, label, hint);
  if (decoded.guessed && decoded.charset !== 'us-ascii') flags.add('charset_guessed');
  const text = cleanText(decoded.text);
  const flowed = value === 'text/plain' && params['format']?.trim().toLowerCase() === 'flowed';
  return flowed ? unflow(text, params['delsp']?.trim().toLowerCase() === 'yes') : text;
}

/** `<meta charset>` counts only where the mail names none (HTML in mail is bound to the MIME label). */
function metaCharset(content: Buffer): string | undefined {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w:-]{2,40})/iu.exec(content.toString('latin1', 0, 4096))?.[1];
}

function attachmentOf(part: LeafPart, number: number): MailAttachment {
  const { value: contentType, params } = part.contentType;
  const extension = EXTENSIONS[contentType] ?? 'bin';
  const related = part.ancestors.some(({ subtype }) => subtype === 'related');
  const inline =
    part.contentId !== undefined &&
    (related || part.disposition.value === 'inline') &&
    part.disposition.value !== 'attachment';
  return {
    name: cleanFileName(fileNameOf(part) ?? '', `attachment-${number}.${extension}`),
    contentType: /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/u.test(contentType) ? contentType : 'application/octet-stream',
    contentTypeParams: cleanParams(params),
    sizeBytes: part.content.length,
    sha256: createHash('sha256').update(part.content).digest('hex'),
    content: part.content,
    inline,
    ...(part.contentId === undefined ? {} : { contentId: part.contentId }),
  };
}

function cleanParams(params: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const key of ['charset', 'method', 'report-type', 'smime-type', 'protocol', 'format', 'delsp']) {
    const value = Object.hasOwn(params, key) ? params[key] : undefined;
    if (value !== undefined) kept[key] = cleanText(value, 100).replace(/\s+/gu, ' ');
  }
  return kept;
}

function noteSpecialKinds(part: LeafPart, flags: Set<MailFlag>): void {
  const { value, params } = part.contentType;
  const name = (fileNameOf(part) ?? '').toLowerCase();
  if (value === 'text/calendar' || value === 'application/ics') flags.add('calendar');
  if (value.endsWith('/ms-tnef') || value.endsWith('/vnd.ms-tnef') || name === 'winmail.dat') flags.add('winmail_dat');
  if (/^application\/(x-)?pkcs7-signature$/u.test(value)) flags.add('smime_signed');
  if (/^application\/(x-)?pkcs7-mime$/u.test(value))
    flags.add(params['smime-type'] === 'signed-data' ? 'smime_signed' : 'smime_encrypted');
  if (value === 'application/pgp-signature') flags.add('pgp_signed');
  if (value === 'application/pgp-encrypted') flags.add('pgp_encrypted');
  if (value === 'text/plain' && part.content.includes('-----BEGIN PGP MESSAGE-----')) flags.add('pgp_encrypted');
  if (value === 'text/plain' && part.content.includes('-----BEGIN PGP SIGNED MESSAGE-----')) flags.add('pgp_signed');
}
