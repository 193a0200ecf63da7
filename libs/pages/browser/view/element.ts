export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Listeners = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Props {
  readonly on?: Listeners;
  /** Attributes; true gives an empty one, false, null and undefined none. */
  readonly [attribute: string]: string | number | boolean | null | undefined | Listeners;
}

/** An element with attributes, listeners and children. Text always becomes a text node: nothing here reads markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [type, listener] of Object.entries(value as Listeners))
        element.addEventListener(type, listener as EventListener);
    } else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string' || typeof value === 'number') element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child as readonly Child[]);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child as string | number)));
  }
}

const SVG = 'http://www.w3.org/2000/svg';

/** A line icon of 16 × 16 from path data; decoration only. */
export function icon(path: string, className = 'icon'): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({
    viewBox: '0 0 16 16',
    width: '16',
    height: '16',
    class: className,
    'aria-hidden': 'true',
  }))
    svg.setAttribute(name, value);
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.appendChild(line);
  return svg;
}

export const ICONS = {
  mark: 'M2 3.5c5 0 4.5 4.5 8 4.5M2 8h8M2 12.5c5 0 4.5-4.5 8-4.5M13.2 8h.01',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  clip: 'M11.5 6.5 7 11a2 2 0 0 1-3-3l5-5a3 3 0 0 1 4.2 4.200L8 12.5',
  check: 'm3.5 8.5 3 3 6-7',
  cross: 'm4.5 4.5 7 7m0-7-7 7',
  email: 'M2 4h12v8H2zM2.5 4.5 8 9l5.5-4.5',
  chat: 'M2.5 3.5h11v7.5H8l-3 2.5V11H2.5z',
  phone: 'M4 2.5h2l1 3-1.5 1a6.5 6.5 0 0 0 4 4l1-1.5 3 1v2c0 1-.8 1.5-1.5 1.5C6.5 13 3 9 2.5 4 2.5 3.2 3 2.5 4 2.5z',
  social: 'M8 13s-5.5-3-5.5-6.5A2.8 2.8 0 0 1 8 5a2.8 2.8 0 0 1 5.5 1.5C13.5 10 8 13 8 13z',
  globe: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM2.5 8h11M8 2.5c-3.5 3.5-3.5 7.5 0 11 3.5-3.5 3.5-7.5 0-11z',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5.5a2.5 2.5 0 0 1 5 0v2',
  down: 'm4 6 4 4 4-4',
  external: 'M6 3H3v10h10v-3M9 3h4v4M13 3 7.5 8.5',
} as const;
