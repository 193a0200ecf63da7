import type { Child } from './element.js';
import { h } from './element.js';

let count = 0;

/**
 * A word whose meaning is shown on hover, focus and tap. WCAG 1.4.13: Escape puts it away, the pointer may move onto it, and
 * it stays until then.
 */
export function term(label: Child, meaning: string, key: string): HTMLElement {
  const id = `meaning-${(count += 1)}`;
  const tip = h('span', { id, role: 'tooltip', class: 'tip', hidden: true }, meaning);
  const button = h(
    'button',
    { type: 'button', class: 'term', 'aria-describedby': id, 'data-key': `term-${key}` },
    label,
  );
  const show = (): void => {
    tip.hidden = false;
    place(tip, button);
  };
  const hide = (): void => {
    tip.hidden = true;
  };
  button.addEventListener('focus', show);
  button.addEventListener('blur', hide);
  button.addEventListener('click', show);
  const wrapper = h('span', { class: 'term-box' }, button, tip);
  wrapper.addEventListener('pointerenter', show);
  wrapper.addEventListener('pointerleave', () => document.activeElement !== button && hide());
  wrapper.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
  return wrapper;
}

/** Below its word, or above where there is no room, and never beyond the edge of the window. */
function place(tip: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const margin = 8;
  const width = tip.offsetWidth;
  const height = tip.offsetHeight;
  const left = Math.max(margin, Math.min(at.left, document.documentElement.clientWidth - width - margin));
  const below = at.bottom + 6;
  const top = below + height > innerHeight - margin ? Math.max(margin, at.top - height - 6) : below;
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}
