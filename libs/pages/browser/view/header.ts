import { describeError, getJson, sendJson } from '../api/client.js';
import type { LiveState } from '../api/live.js';
import type { Session } from '../api/types.js';
import { h, icon, ICONS } from './element.js';
import { dropdown } from './parts.js';

export interface Header {
  readonly element: HTMLElement;
  setSession(session: Session): void;
  setLive(state: LiveState): void;
}

const LIVE_WORDS: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Reconnecting',
};

/** The bar above every page. `onTenant` runs after another tenant was chosen. */
export function pageHeader(current: 'dashboard' | 'ticket', onTenant: (session: Session) => void): Header {
  const tenant = h('div', { class: 'tenant' });
  const live = h(
    'span',
    { class: 'live live-connecting', role: 'status' },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('span', { class: 'live-word' }, LIVE_WORDS.connecting),
  );
  const link = (href: string, label: string, here: boolean): HTMLElement =>
    h('a', { href, 'aria-current': here ? 'page' : null }, label);
  const element = h(
    'header',
    { class: 'top' },
    h('a', { class: 'skip', href: '#content' }, 'Skip to the content'),
    h(
      'a',
      { class: 'brand', href: '/', 'aria-label': 'Fanin, dashboard' },
      icon(ICONS.mark, 'icon brand-mark'),
      h('span', {}, 'Fanin'),
    ),
    h(
      'nav',
      { 'aria-label': 'Pages' },
      link('/', 'Dashboard', current === 'dashboard'),
      link('/demo-shop', 'Demo shop', false),
      link('/docs', 'API', false),
    ),
    h('div', { class: 'top-end' }, live, tenant),
  );
  const choose = (id: string): void => {
    void sendJson<Session>('POST', '/session/tenant', { tenant: id }).then(onTenant, (error: unknown) =>
      tenant.append(h('span', { role: 'alert', class: 'field-error' }, describeError(error))),
    );
  };
  return {
    element,
    setSession(session) {
      const choices = [
        ...(session.kind === 'operator' && session.tenants.length > 1 ? [{ value: '*', label: 'All tenants' }] : []),
        ...session.tenants.map(({ id, name }) => ({ value: id, label: name })),
      ];
      if (choices.length < 2) tenant.replaceChildren(h('span', { class: 'quiet' }, choices[0]?.label ?? ''));
      else
        tenant.replaceChildren(
          dropdown({ id: 'tenant', label: 'Tenant', hideLabel: true }, choices, session.tenant, choose),
        );
    },
    setLive(state) {
      live.className = `live live-${state}`;
      live.querySelector('.live-word')?.replaceChildren(LIVE_WORDS[state]);
    },
  };
}

export function fetchSession(): Promise<Session> {
  return getJson<Session>('/api/v1/session');
}
