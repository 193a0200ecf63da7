import { ApiError, describeError, getJson, getPages } from './api/client.js';
import { followChanges, throttled } from './api/live.js';
import type { Message, Ticket } from './api/types.js';
import { composer } from './ticket/composer.js';
import { conversation } from './ticket/conversation.js';
import { properties } from './ticket/properties.js';
import { h, icon, ICONS } from './view/element.js';
import { fill } from './view/fill.js';
import { fetchSession, pageHeader } from './view/header.js';
import { channelLabel, customerOf, notice, skeleton, statusChip, timeOf, titleOf } from './view/parts.js';

const GAP_MS = 700;
const MESSAGE_PAGES = 50;

function start(): void {
  const id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
  const path = `/api/v1/tickets/${encodeURIComponent(id)}`;
  const header = pageHeader('ticket', () => location.assign('/'));
  const heading = h('h1', {}, 'Ticket');
  const about = h('p', { class: 'ticket-about' });
  const banner = h('div', { class: 'banner' });
  const loading = h('div', { class: 'message loading' }, skeleton(6));
  const talk = conversation();
  const write = composer(id, (message) => {
    messages = messages.some((known) => known.id === message.id) ? messages : [...messages, message];
    talk.show(messages);
    refresh();
  });
  const side = properties((changed) => {
    showTicket(changed);
    refresh();
  });
  let messages: readonly Message[] = [];

  const main = h('div', { class: 'ticket-main' }, loading, talk.element, write.element);
  const summary = h('summary', {}, 'About this ticket');
  const sideBox = h('details', { class: 'side-box' }, summary, side.element);
  // Beside the conversation there is room for it; below the heading of a phone it waits until it is asked for.
  const wide = matchMedia('(min-width: 60rem)');
  const arrange = (): void => {
    sideBox.open = wide.matches;
  };
  wide.addEventListener('change', arrange);
  arrange();
  write.element.hidden = true;
  sideBox.hidden = true;
  document.body.append(
    header.element,
    h(
      'main',
      { id: 'content', tabindex: '-1', class: 'ticket-page' },
      h(
        'div',
        { class: 'ticket-head' },
        h('a', { class: 'back', href: '/' }, icon(ICONS.back), 'Dashboard'),
        heading,
        about,
        h('a', { class: 'to-answer', href: '#answer' }, 'Jump to the answer'),
      ),
      banner,
      h('div', { class: 'ticket-grid' }, main, sideBox),
    ),
  );

  function showTicket(ticket: Ticket): void {
    const title = titleOf(ticket);
    document.title = `#${ticket.number} ${title} – Fanin`;
    fill(heading, [ticket.number, title], () => [
      h('span', { class: 'quiet' }, `#${ticket.number} `),
      h('bdi', {}, title),
    ]);
    fill(about, [ticket.status, ticket.channel, ticket.customer, ticket.created_at], () => [
      statusChip(ticket.status),
      channelLabel(ticket.channel),
      h('span', { dir: 'auto' }, customerOf(ticket)),
      h('span', { class: 'quiet' }, 'opened ', timeOf(ticket.created_at)),
    ]);
    side.show(ticket);
    write.show(ticket);
    write.element.hidden = false;
    sideBox.hidden = false;
  }

  async function read(): Promise<void> {
    try {
      const [ticket, { rows }] = await Promise.all([
        getJson<Ticket>(path),
        getPages<Message>(`${path}/messages`, {}, MESSAGE_PAGES),
      ]);
      loading.remove();
      fill(banner, null, () => []);
      messages = rows;
      showTicket(ticket);
      talk.show(rows);
    } catch (error) {
      showProblem(error);
    }
  }

  function showProblem(error: unknown): void {
    const isGone = error instanceof ApiError && (error.status === 404 || error.status === 400);
    if (isGone) loading.remove();
    fill(banner, describeError(error), () => {
      if (isGone)
        return [
          notice(
            'info',
            'There is no such ticket here. It may belong to another tenant: choose it above on the ',
            h('a', { href: '/' }, 'dashboard'),
            '.',
          ),
        ];
      if (error instanceof ApiError && error.status === 401)
        return [
          notice(
            'bad',
            'You are logged out. What you typed is kept in this tab. ',
            h('a', { href: location.href }, 'Log in again'),
            '.',
          ),
        ];
      return [notice('bad', h('b', {}, describeError(error)))];
    });
  }

  const refresh = throttled(read, GAP_MS);
  void read();
  void fetchSession().then(
    (session) => header.setSession(session),
    () => undefined,
  );
  followChanges({
    onChange: (ticketId) => {
      if (ticketId === undefined || ticketId === id) refresh();
    },
    onState: (state) => header.setLive(state),
  });
}

start();
