import type { Child } from './element.js';
import { h } from './element.js';

const shown = new WeakMap<Element, string>();

/**
 * Puts new content into a region, but only when `signature` (whatever the content depends on) changed, so that a live page
 * neither flickers nor talks to screen readers about nothing. What has the focus, by its `data-key`, keeps it; details
 * stay open or closed.
 */
export function fill(region: HTMLElement, signature: unknown, build: () => readonly Child[]): void {
  const text = JSON.stringify(signature);
  if (shown.get(region) === text) return;
  shown.set(region, text);
  const focused = region.contains(document.activeElement)
    ? (document.activeElement as HTMLElement).dataset['key']
    : undefined;
  const open = new Map(
    [...region.querySelectorAll<HTMLDetailsElement>('details[data-key]')].map((details) => [
      details.dataset['key'],
      details.open,
    ]),
  );
  region.replaceChildren(...h('div', {}, ...build()).childNodes);
  for (const details of region.querySelectorAll<HTMLDetailsElement>('details[data-key]')) {
    details.open = open.get(details.dataset['key']) ?? details.open;
  }
  if (focused === undefined) return;
  for (const element of region.querySelectorAll<HTMLElement>('[data-key]')) {
    if (element.dataset['key'] === focused) return element.focus({ preventScroll: true });
  }
}
