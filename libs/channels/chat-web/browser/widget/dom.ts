type Child = Node | string;

/** Makes an element. Texts become text nodes, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }))
    svg.setAttribute(name, value);
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"'`]+/gi;
const ALLOWED = new Set(['http:', 'https:', 'mailto:']);

/** The text with its links made clickable; only http, https and mailto, opened without a way back to this page. */
export function withLinks(text: string): Child[] {
  const nodes: Child[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, '');
    if (!URL.canParse(address) || !ALLOWED.has(new URL(address).protocol)) continue;
    nodes.push(
      text.slice(end, match.index),
      h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address),
    );
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== '');
}
