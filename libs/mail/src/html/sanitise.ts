import sanitizeHtml from 'sanitize-html';
import { cutNesting, MAX_HTML_DEPTH } from './nesting.js';

export interface SanitiseOptions {
  /** Content-IDs of the mail's own attachments, without angle brackets; other `cid:` references are dropped. */
  readonly ownContentIds?: ReadonlySet<string>;
}

export interface SanitisedHtml {
  readonly html: string;
  /** Remote images that were taken out of `src` into `data-src`. */
  readonly blockedRemoteImages: number;
}

const TAGS = [
  'a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins',
  'kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr',
].flatMap((line) => line.split(' '));

const LENGTH = /^-?[\d.]{1,7}(px|pt|em|rem|%|ex|ch)?$/u;
const LENGTHS = /^(-?[\d.]{1,7}(px|pt|em|rem|%)?|auto)( (-?[\d.]{1,7}(px|pt|em|rem|%)?|auto)){0,3}$/u;
const COLOUR = /^(#[0-9a-f]{3,8}|[a-z]{3,25}|rgba?\([\d\s.,%]{5,40}\))$/iu;
const BORDER = /^[\w#.,%() -]{1,80}$/u;
const STYLES: Record<string, RegExp[]> = {
  color: [COLOUR],
  'background-color': [COLOUR],
  'font-weight': [/^(normal|bold|bolder|lighter|\d{3})$/u],
  'font-style': [/^(normal|italic|oblique)$/u],
  'font-size': [LENGTH, /^(xx?-small|small|medium|large|xx?-large|smaller|larger)$/u],
  'font-family': [/^[\w\s,"'-]{1,200}$/u],
  'line-height': [LENGTH, /^normal$/u],
  'text-align': [/^(left|right|center|justify|start|end)$/u],
  'text-decoration': [/^[a-z -]{1,40}$/u],
  'vertical-align': [/^[a-z-]{1,20}$/u, LENGTH],
  'white-space': [/^(normal|pre|pre-wrap|pre-line|nowrap)$/u],
  'list-style-type': [/^[a-z-]{1,30}$/u],
  direction: [/^(ltr|rtl)$/u],
  width: [LENGTH],
  'max-width': [LENGTH],
  height: [LENGTH],
  margin: [LENGTHS],
  'margin-left': [LENGTHS],
  'margin-right': [LENGTHS],
  'margin-top': [LENGTHS],
  'margin-bottom': [LENGTHS],
  padding: [LENGTHS],
  'padding-left': [LENGTHS],
  'padding-right': [LENGTHS],
  'padding-top': [LENGTHS],
  'padding-bottom': [LENGTHS],
  border: [BORDER],
  'border-left': [BORDER],
  'border-right': [BORDER],
  'border-top': [BORDER],
  'border-bottom': [BORDER],
  'border-collapse': [/^(collapse|separate)$/u],
};

const DATA_IMAGE = /^data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+$/u;
const MAX_DATA_IMAGE = 512 * 1024;

/**
 * HTML that is safe to show: no script, form, frame, style sheet, class or id; links only to http, https and mailto, opened
 * apart (`rel="noopener noreferrer nofollow" target="_blank"`); no remote image is loaded (its address waits in `data-src`,
 * marked `data-blocked="remote"`), `cid:` only to the mail's own attachments. Still to be shown in a sandboxed frame.
 */
export function sanitiseHtml(html: string, options: SanitiseOptions = {}): SanitisedHtml {
  let blocked = 0;
  const own = options.ownContentIds ?? new Set<string>();
  const clean = sanitizeHtml(cutNesting(html, MAX_HTML_DEPTH), {
    allowedTags: TAGS,
    allowedAttributes: {
      '*': ['style', 'dir', 'lang', 'title', 'align', 'valign', 'width', 'height', 'bgcolor', 'color'],
      a: ['href', 'rel', 'target'],
      img: ['src', 'alt', 'data-src', 'data-blocked'],
      table: ['border', 'cellpadding', 'cellspacing'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      ol: ['start', 'type'],
      font: ['face', 'size'],
      time: ['datetime'],
    },
    allowedStyles: { '*': STYLES },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['cid', 'data'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: false,
    nonTextTags: [
      'script',
      'style',
      'textarea',
      'option',
      'noscript',
      'title',
      'head',
      'svg',
      'math',
      'template',
      'iframe',
      'object',
      'xmp',
      'noembed',
      'noframes',
    ],
    nestingLimit: 200,
    transformTags: {
      a: (tagName, attribs) => ({ tagName, attribs: link(attribs) }),
      img: (tagName, attribs) => {
        const image = imageOf(attribs, own);
        if (image['data-blocked'] === 'remote') blocked += 1;
        return { tagName, attribs: image };
      },
    },
  });
  return { html: clean, blockedRemoteImages: blocked };
}

function link(attribs: Record<string, string>): Record<string, string> {
  const { href, title, style } = attribs;
  const kept: Record<string, string> = {
    ...(title === undefined ? {} : { title }),
    ...(style === undefined ? {} : { style }),
  };
  const address = href?.trim() ?? '';
  if (!/^(https?:\/\/|mailto:)/iu.test(address)) return kept;
  return { ...kept, href: address, rel: 'noopener noreferrer nofollow', target: '_blank' };
}

function imageOf(attribs: Record<string, string>, own: ReadonlySet<string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['alt', 'title', 'width', 'height', 'style']) {
    const value = attribs[name];
    if (value !== undefined) kept[name] = value;
  }
  const src = (attribs['src'] ?? '').trim();
  if (/^cid:/iu.test(src)) {
    const id = decoded(src.slice(4));
    return own.has(id) ? { ...kept, src: `cid:${id}` } : kept;
  }
  if (src.length <= MAX_DATA_IMAGE && DATA_IMAGE.test(src)) return { ...kept, src };
  const address = src.startsWith('//') ? `https:${src}` : src;
  return /^https?:\/\//iu.test(address) ? { ...kept, 'data-src': address, 'data-blocked': 'remote' } : kept;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
