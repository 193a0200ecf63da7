import type { EventFrame } from '../../src/protocol.js';
import { h, withLinks } from './dom.js';
import type { Waiting } from './outbox.js';
import type { Strings } from './strings.js';

export interface TranscriptActions {
  retry(id: string): void;
  remove(id: string): void;
}

type State = 'sent' | 'pending' | 'waiting' | 'failed' | 'received';

/** The list of messages: events in the order of the server, then what waits to be sent. Nodes are kept, not made anew. */
export class Transcript {
  private readonly nodes = new Map<string, { readonly node: HTMLElement; readonly meta: HTMLElement; state: State }>();
  private readonly greeting: HTMLElement;

  constructor(
    private readonly log: HTMLElement,
    private readonly strings: () => Strings,
    private readonly actions: TranscriptActions,
  ) {
    this.greeting = h('div', { class: 'm' });
    log.append(this.greeting);
  }

  greet(text: string): void {
    this.greeting.replaceChildren(h('div', { class: 'b' }, text));
  }

  update(events: readonly EventFrame[], waiting: readonly Waiting[], online: boolean): void {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    const known = new Set(events.map(({ id }) => id));
    const open = waiting.filter(({ id }) => !known.has(id));
    const wanted = new Set([...known, ...open.map(({ id }) => id)]);
    for (const [id, { node }] of this.nodes) {
      if (wanted.has(id)) continue;
      node.remove();
      this.nodes.delete(id);
    }
    let before: Element = this.greeting;
    for (const event of events)
      before = this.place(
        event.id,
        before,
        event.direction === 'inbound' ? 'sent' : 'received',
        event,
        event.text,
        event.at,
      );
    for (const each of open)
      before = this.place(
        each.id,
        before,
        each.failed ? 'failed' : online ? 'pending' : 'waiting',
        undefined,
        each.text,
        each.sentAt,
      );
    if (atEnd) this.scrollToEnd();
  }

  scrollToEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  private place(
    id: string,
    before: Element,
    state: State,
    event: EventFrame | undefined,
    text: string,
    at: string,
  ): Element {
    const entry = this.nodes.get(id) ?? this.make(id, state, event, text);
    if (entry.state !== state || entry.meta.childNodes.length === 0) {
      entry.state = state;
      entry.node.classList.toggle('failed', state === 'failed');
      entry.meta.replaceChildren(...this.metaOf(id, state, at));
    }
    // Moved only when out of place: a node that stays is not announced again.
    if (before.nextElementSibling !== entry.node) before.after(entry.node);
    return entry.node;
  }

  private make(
    id: string,
    state: State,
    event: EventFrame | undefined,
    text: string,
  ): { node: HTMLElement; meta: HTMLElement; state: State } {
    const strings = this.strings();
    const isMine = state !== 'received';
    const name = isMine
      ? strings.you
      : (event?.author.name ?? (event?.author.kind === 'automatic' ? strings.automatic : strings.agent));
    const meta = h('div', { class: 'meta' });
    const node = h(
      'div',
      { class: isMine ? 'm me' : 'm' },
      h('div', { class: isMine ? 'sr' : 'who' }, name),
      h('div', { class: 'b' }, ...withLinks(text)),
      meta,
    );
    const entry = { node, meta, state };
    this.nodes.set(id, entry);
    return entry;
  }

  private metaOf(id: string, state: State, at: string): (Node | string)[] {
    const strings = this.strings();
    const date = new Date(at);
    const isToday = date.toDateString() === new Date().toDateString();
    const words = isToday
      ? date.toLocaleTimeString([], { timeStyle: 'short' })
      : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
    const time = h('time', { datetime: at }, words);
    if (state === 'received') return [time];
    if (state !== 'failed') return [time, ` · ${strings[state]}`];
    return [
      strings.failed,
      this.button(strings.retry, () => this.actions.retry(id)),
      this.button(strings.remove, () => this.actions.remove(id)),
    ];
  }

  private button(label: string, act: () => void): HTMLButtonElement {
    const button = h('button', { type: 'button' }, label);
    button.addEventListener('click', act);
    return button;
  }
}
