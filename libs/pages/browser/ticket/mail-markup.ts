/**
 * HTML of a mail is sanitised when it is stored. It is filtered once more here, against lists of its own, because what is
 * shown must not depend on one place having been right (ASVS 1.2, output).
 */
const ELEMENTS = new Set(
  'a abbr address article b bdi bdo big blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr'.split(
    ' ',
  ),
);
/** Left out with everything in them; of other unknown elements the children stay. */
const DROPPED = new Set(
  'script style template noscript iframe frame frameset object embed applet svg math form input button select textarea option head title meta link base audio video source track canvas dialog'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'align valign width height bgcolor color face size colspan rowspan border cellpadding cellspacing dir lang title start type scope alt'.split(
    ' ',
  ),
);
const STYLES =
  /^(background-color|color|font(-family|-size|-style|-weight)?|text-(align|decoration(-line)?|indent|transform)|line-height|letter-spacing|white-space|vertical-align|(min-|max-)?(width|height)|(margin|padding|border)(-.+)?|list-style-type|direction)$/;
const IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,/i;
const LINK = /^(https?:|mailto:)/i;

interface Markup {
  createHTML(text: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: Markup): Markup;
}

const factory = (globalThis as { readonly trustedTypes?: PolicyFactory }).trustedTypes;
const inert = factory?.createPolicy('fanin-mail', { createHTML: (text) => text }) ?? {
  createHTML: (text: string) => text,
};

/** Fills `target` (an element of the frame) with what may be shown of `html`. Nothing in it can load or run anything. */
export function showMarkup(html: string, target: HTMLElement): void {
  // A parsed document has no window: no script of it runs and nothing in it is fetched.
  const source = new DOMParser().parseFromString(inert.createHTML(html), 'text/html');
  copyChildren(source.body, target);
}

function copyChildren(from: Node, to: Node): void {
  const { ownerDocument } = to;
  if (ownerDocument === null) return;
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(ownerDocument.createTextNode(node.nodeValue ?? ''));
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node as Element, to, ownerDocument);
  }
}

function copyElement(from: Element, to: Node, page: Document): void {
  const name = from.localName;
  if (DROPPED.has(name)) return;
  if (!ELEMENTS.has(name)) return copyChildren(from, to);
  if (name === 'img' && !IMAGE.test(from.getAttribute('src') ?? '')) {
    to.appendChild(page.createTextNode(`[${from.getAttribute('alt')?.trim() || 'image'}]`));
    return;
  }
  const copy = page.createElement(name);
  for (const { name: attribute, value } of from.attributes)
    if (ATTRIBUTES.has(attribute)) copy.setAttribute(attribute, value);
  if (name === 'img') copy.setAttribute('src', from.getAttribute('src') ?? '');
  const href = from.getAttribute('href')?.trim();
  if (name === 'a' && href !== undefined && LINK.test(href)) {
    for (const [attribute, value] of Object.entries({ href, target: '_blank', rel: 'noopener noreferrer nofollow' }))
      copy.setAttribute(attribute, value);
  }
  copyStyle(from.getAttribute('style'), copy);
  to.appendChild(copy);
  copyChildren(from, copy);
}

/** Style attributes are refused by the page's policy; single properties set by script are not. */
function copyStyle(text: string | null, copy: HTMLElement): void {
  if (text === null) return;
  const probe = document.createElement('span').style;
  probe.cssText = text;
  for (const property of Array.from(probe)) {
    const value = probe.getPropertyValue(property);
    if (STYLES.test(property) && !/url\(|image|var\(/i.test(value)) copy.style.setProperty(property, value);
  }
}
