import { htmlToText } from '../html/html-text.js';
import { sanitiseHtml } from '../html/sanitise.js';
import { splitQuoted, type SplitHints } from '../quoted/split-quoted.js';
import { cleanText, cut } from '../text/cleaning.js';
import type { MailAttachment, MailContent } from '../parsed-mail.js';
import type { BodyUnit } from './assemble.js';

export interface RenderedBody {
  readonly text: string;
  readonly html?: string;
  readonly content: MailContent;
  readonly textFromHtml: boolean;
}

/** Makes what a person sees of the body: one text, its new and its quoted part, safe HTML. */
export function renderBody(
  units: readonly BodyUnit[],
  attachments: readonly MailAttachment[],
  maxTextLength: number,
  hints: Pick<SplitHints, 'isShort'> = {},
): RenderedBody {
  let text = '';
  let quoteAt: number | undefined;
  let textFromHtml = false;
  for (const unit of units) {
    const piece = textOfUnit(unit);
    if (piece.text.trim() === '') continue;
    if (unit.plain === undefined) textFromHtml = true;
    if (text !== '') text += '\n';
    if (quoteAt === undefined && piece.quoteAt !== undefined) quoteAt = text.length + piece.quoteAt;
    text += piece.text;
  }
  text = cut(text, maxTextLength);
  const split = splitQuoted(text, quoteAt === undefined ? hints : { ...hints, quoteAt });
  const html = htmlOfUnits(units);
  if (html === undefined) return { text, content: { ...split, blockedRemoteImages: 0 }, textFromHtml };
  const safe = sanitiseHtml(html, { ownContentIds: contentIds(attachments) });
  const content = { ...split, html: cleanText(safe.html), blockedRemoteImages: safe.blockedRemoteImages };
  return { text, html, content, textFromHtml };
}

function textOfUnit(unit: BodyUnit): { text: string; quoteAt?: number } {
  if (unit.plain !== undefined) return { text: unit.plain };
  return unit.html === undefined ? { text: '' } : htmlToText(unit.html);
}

function htmlOfUnits(units: readonly BodyUnit[]): string | undefined {
  if (!units.some((unit) => unit.html !== undefined)) return undefined;
  return units.map((unit) => unit.html ?? `<pre>${escapeHtml(unit.plain ?? '')}</pre>`).join('<br>\n');
}

function escapeHtml(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');
}

function contentIds(attachments: readonly MailAttachment[]): Set<string> {
  return new Set(attachments.flatMap(({ contentId }) => (contentId === undefined ? [] : [contentId])));
}
