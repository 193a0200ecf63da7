import { ApiError, describeError, getJson, getPages } from './api/client.js';
import { followChanges, throttled } from './api/live.js';
import type { Message, Ticket } from './api/types.js';
import { composer } from './ticket/composer.js';
import { conversation } from './ticket/conversation.js';
import { properties } from './ticket/properties.js';
import { ticketLayout } from './ticket/layout.js';
import { ticketTasks } from './ticket/tasks.js';
import { h } from './view/element.js';
import { fill } from './view/fill.js';
import { fetchSession, pageHeader } from './view/header.js';
import { channelLabel, customerOf, notice, statusChip, timeOf, titleOf, visibilityChip } from './view/parts.js';

const GAP_MS = 700;
const MESSAGE_PAGES = 50;

class TicketPage {
  private readonly id = decodeURIComponent(location.pathname.split('/')[2] ?? '');
  private readonly path = `/api/v1/tickets/${encodeURIComponent(this.id)}`;
  private readonly header = pageHeader('ticket', () => location.assign('/'));
  private readonly talk = conversation();
  private readonly write = composer(this.id, (message) => this.added(message));
  private readonly side = properties((ticket) => this.changed(ticket));
  private readonly tasks = ticketTasks(() => this.refresh());
  private readonly layout = ticketLayout(this.tasks.element, this.talk.element, this.write.element, this.side.element);
  private readonly refresh = throttled(() => this.read(), GAP_MS);
  private messages: readonly Message[] = [];

  start(): void {
    document.body.append(this.header.element, this.layout.main);
    void this.read();
    void fetchSession().then(
      (session) => this.header.setSession(session),
      () => undefined,
    );
    followChanges({
      onChange: (ticketId) => {
        if (ticketId === undefined || ticketId === this.id) this.refresh();
      },
      onState: (state) => this.header.setLive(state),
    });
  }

  private async read(): Promise<void> {
    try {
      const [ticket, { rows }] = await Promise.all([
        getJson<Ticket>(this.path),
        getPages<Message>(`${this.path}/messages`, {}, MESSAGE_PAGES),
      ]);
      fill(this.layout.banner, null, () => []);
      this.messages = rows;
      this.showTicket(ticket);
      this.talk.show(rows);
    } catch (error) {
      this.showProblem(error);
    }
  }

  /** Our own message is shown at once, before the server's news of it comes. */
  private added(message: Message): void {
    if (!this.messages.some(({ id }) => id === message.id)) this.messages = [...this.messages, message];
    this.talk.show(this.messages);
    this.refresh();
  }

  private changed(ticket: Ticket): void {
    this.showTicket(ticket);
    this.refresh();
  }

  private showTicket(ticket: Ticket): void {
    const { heading, about } = this.layout;
    const title = titleOf(ticket);
    document.title = `#${ticket.number} ${title} – Fanin`;
    fill(heading, [ticket.number, title], () => [
      h('span', { class: 'quiet' }, `#${ticket.number} `),
      h('bdi', {}, title),
    ]);
    fill(about, [ticket.status, ticket.channel, ticket.visibility, ticket.customer, ticket.created_at], () => [
      statusChip(ticket.status),
      channelLabel(ticket.channel),
      visibilityChip(ticket.visibility),
      h('span', { dir: 'auto' }, customerOf(ticket)),
      h('span', { class: 'quiet' }, 'opened ', timeOf(ticket.created_at)),
    ]);
    this.side.show(ticket);
    this.tasks.show(ticket);
    this.write.show(ticket);
    this.layout.setLoaded();
  }

  private showProblem(error: unknown): void {
    const status = error instanceof ApiError ? error.status : undefined;
    if (status === 404) this.layout.setGone();
    fill(this.layout.banner, describeError(error), () => {
      if (status === 404)
        return [
          notice(
            'info',
            'There is no such ticket here. It may belong to another tenant: choose it on the ',
            h('a', { href: '/' }, 'dashboard'),
            '.',
          ),
        ];
      if (status === 401)
        return [
          notice(
            'bad',
            'You are logged out. What you typed is kept in this tab. ',
            h('a', { href: location.href }, 'Log in again'),
            '.',
          ),
        ];
      return [notice('bad', h('b', {}, describeError(error)), ' This page tries again by itself.')];
    });
  }
}

new TicketPage().start();
