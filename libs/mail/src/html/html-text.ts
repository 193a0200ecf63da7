import { convert, type FormatCallback } from 'html-to-text';
import { cutNesting, MAX_HTML_DEPTH } from './nesting.js';
import { cleanText, cut } from '../text/cleaning.js';

export interface HtmlText {
  readonly text: string;
  /** Where the first quotation that the sender's program marked begins in `text`. */
  readonly quoteAt?: number;
}

/** A private-use character that stands for "a quotation begins here" while the text is made. */
const MARK = '\uF8FE';

const MAX_INPUT = 4 * 1024 * 1024;

/** What mail programs wrap a quoted message in: Gmail, Apple and Thunderbird, Outlook, Yahoo, Proton, Zoho, GMX, Yandex. */
const QUOTE_CONTAINERS = [
  'div.gmail_quote_container',
  'div.gmail_quote',
  'blockquote.gmail_quote',
  'div.gmail_attr',
  'blockquote[type="cite"]',
  'div.moz-cite-prefix',
  'div.moz-forward-container',
  'div#divRplyFwdMsg',
  'div#appendonsend',
  'div#mail-editor-reference-message-container',
  'span#OLK_SRC_BODY_SECTION',
  'div.yahoo_quoted',
  'div.protonmail_quote',
  'blockquote.protonmail_quote',
  'div.zmail_extra',
  'div.yandex_quote',
  'div[name="quote"]',
  'div[style*="border-top:solid #E1E1E1"]',
  'div[style*="border-top:solid #B5C4DF"]',
];

const markQuote: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 1 });
  builder.addLiteral(MARK);
  walk(element.children, builder);
  builder.closeBlock({ trailingLineBreaks: 1 });
};

/** Text of an HTML mail as a person would read it, with the place where a marked quotation begins. Linear, bounded in depth. */
export function htmlToText(html: string): HtmlText {
  const marked = convert(cutNesting(cut(html, MAX_INPUT), MAX_HTML_DEPTH).replaceAll(MARK, ''), {
    wordwrap: false,
    formatters: { markQuote },
    selectors: [
      ...QUOTE_CONTAINERS.map((selector) => ({ selector, format: 'markQuote' })),
      {
        selector: 'a',
        options: { hideLinkHrefIfSameAsText: true, ignoreHref: false, linkBrackets: ['<', '>'] as [string, string] },
      },
      { selector: 'img', format: 'skip' },
      { selector: 'title', format: 'skip' },
      { selector: 'style', format: 'skip' },
      { selector: 'script', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
    limits: { maxDepth: 200, maxInputLength: MAX_INPUT, maxChildNodes: 50_000, ellipsis: '…' },
  });
  const text = cleanText(marked).replaceAll('\u00A0', ' ');
  const at = text.indexOf(MARK);
  return at === -1 ? { text } : { text: text.slice(0, at) + text.slice(at).replaceAll(MARK, ''), quoteAt: at };
}
