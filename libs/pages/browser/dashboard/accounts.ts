import type { Account } from '../api/types.js';
import { ACCOUNT_STATES, CHANNELS } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h, icon, ICONS } from '../view/element.js';
import { timeOf } from '../view/parts.js';

/** Those in trouble first. */
export function accounts(list: readonly Account[]): Child[] {
  if (list.length === 0) return [h('p', { class: 'quiet' }, 'No channel account is configured for this tenant.')];
  const weight = (account: Account): number => (toneOf(account) === 'bad' ? 0 : toneOf(account) === 'busy' ? 1 : 2);
  return [h('ul', { class: 'accounts' }, ...[...list].sort((a, b) => weight(a) - weight(b)).map(account))];
}

/** A state that this page does not know yet is shown by its name. */
function wordsOf({ state }: Account): { readonly label: string; readonly tone: string } {
  return (ACCOUNT_STATES as Partial<typeof ACCOUNT_STATES>)[state] ?? { label: state, tone: 'off' };
}

function toneOf(account: Account): string {
  return wordsOf(account).tone;
}

function account(row: Account): HTMLElement {
  const { label, tone } = wordsOf(row);
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'account-head' },
      icon(ICONS[row.channel] ?? ICONS.mark),
      h('b', {}, row.id),
      h('span', { class: 'quiet' }, row.title ?? CHANNELS[row.channel]),
    ),
    h(
      'p',
      { class: `state tone-${tone}` },
      h('span', { class: 'dot', 'aria-hidden': 'true' }),
      label,
      h('span', { class: 'quiet' }, ' since ', timeOf(row.since)),
    ),
    row.reason !== null && h('p', { class: 'reason' }, row.reason),
    row.action !== null && h('p', { class: 'todo' }, h('b', {}, 'What to do: '), row.action),
    row.next_attempt_at !== null && h('p', { class: 'quiet' }, 'Tries again ', timeOf(row.next_attempt_at, 'ago'), '.'),
    ...(row.notices ?? [])
      .slice(0, 2)
      .map(({ message, at }) => h('p', { class: 'quiet' }, message, ' ', timeOf(at, 'ago'), '.')),
    hooks(row),
  );
}

/** What a person enters at the provider. */
function hooks(row: Account): Child {
  const all = row.hooks ?? (row.hook_urls ?? []).map((url) => ({ url, enter: '' }));
  if (all.length === 0) return null;
  return h(
    'details',
    { class: 'hooks', 'data-key': `hooks-${row.id}` },
    h('summary', {}, all.length === 1 ? 'Address for the provider' : 'Addresses for the provider'),
    h(
      'ul',
      {},
      ...all.map(({ url, enter }) =>
        h('li', {}, enter !== '' && h('span', { class: 'quiet' }, enter), h('code', {}, url)),
      ),
    ),
  );
}
