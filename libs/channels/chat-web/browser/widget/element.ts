import type { EventFrame } from '../../src/protocol.js';
import { Connection } from './connection.js';
import { h, icon } from './dom.js';
import { Outbox } from './outbox.js';
import { Storage } from './storage.js';
import { STRINGS, type Strings } from './strings.js';
import { CSS } from './styles.js';
import { Transcript } from './transcript.js';

const BUBBLE = 'M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';
const CROSS = 'M18.3 7.1 16.9 5.7 12 10.6 7.1 5.7 5.7 7.1l4.9 4.9-4.9 4.9 1.4 1.4 4.9-4.9 4.9 4.9 1.4-1.4-4.9-4.9z';
const PLANE = 'M3 20.5v-6.7l8-1.8-8-1.8V3.5L22 12z';

/**
 * `<fanin-chat account="…">`. Attributes: account (required), server (default: where this script came from), theme (light,
 * dark; default: the system's). Methods: open(), close(), identify(jwt), logout(). Property: strings. Event:
 * `fanin-chat-token-needed` when the signed identity was refused or has ended.
 */
export class FaninChat extends HTMLElement {
  /** Where the script was loaded from; set once by main.ts. */
  static scriptOrigin = location.origin;

  private words: Strings = STRINGS;
  private started = false;
  private events: EventFrame[] = [];
  private connection: Connection | undefined;
  private outbox: Outbox | undefined;
  private storage: Storage | undefined;
  private transcript: Transcript | undefined;
  private stopListening: (() => void) | undefined;
  private readonly root = this.attachShadow({ mode: 'closed' });
  private readonly badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: '' });
  private readonly launcher = h(
    'button',
    { class: 'launch', type: 'button', 'aria-expanded': 'false', 'aria-haspopup': 'dialog' },
    icon(BUBBLE),
    this.badge,
  );
  private readonly heading = h('h2', { id: 'title' });
  private readonly state = h('p', { class: 'state', role: 'status' });
  private readonly closer = h('button', { class: 'x', type: 'button' }, icon(CROSS));
  private readonly log = h('div', {
    class: 'log',
    role: 'log',
    'aria-live': 'polite',
    'aria-relevant': 'additions',
    tabindex: '0',
  });
  private readonly note = h('p', { class: 'note', role: 'status', hidden: '' });
  private readonly alert = h('p', { class: 'note bad', role: 'alert', hidden: '' });
  private readonly label = h('label', { class: 'sr', for: 'field' });
  private readonly hint = h('span', { class: 'sr', id: 'hint' });
  private readonly field = h('textarea', { id: 'field', rows: '1', 'aria-describedby': 'hint', autocomplete: 'off' });
  private readonly sender = h('button', { class: 'send', type: 'submit' }, icon(PLANE));
  private readonly form = h('form', {}, this.label, this.field, this.hint, this.sender);
  private readonly panel = h(
    'section',
    { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: '' },
    h('div', { class: 'head' }, h('div', { class: 'heads' }, this.heading, this.state), this.closer),
    this.log,
    this.note,
    this.alert,
    this.form,
  );

  /** Overrides of any of the widget's strings. */
  set strings(overrides: Partial<Strings>) {
    this.words = { ...STRINGS, ...overrides };
    this.label_();
    this.render();
  }

  connectedCallback(): void {
    if (this.started) return;
    this.started = true;
    const account = this.getAttribute('account');
    if (account === null || account === '') {
      console.error('<fanin-chat> needs the attribute account="…": the id of a chat account.');
      return;
    }
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    this.root.adoptedStyleSheets = [sheet];
    this.root.append(this.panel, this.launcher);
    this.wire(account);
    this.label_();
    // Somebody who wrote before may have got an answer meanwhile; everybody else connects by opening the panel.
    if (this.storage?.get('token') != null || (this.outbox?.all().length ?? 0) > 0) this.connection?.start();
    if (this.hasAttribute('open')) this.open();
    this.render();
  }

  disconnectedCallback(): void {
    this.connection?.stop();
    this.stopListening?.();
    document.removeEventListener('visibilitychange', this.render);
    this.root.replaceChildren();
    this.connection = undefined;
    this.events = [];
    this.log.replaceChildren();
    this.started = false;
  }

  open(): void {
    if (!this.panel.hidden) return;
    this.panel.hidden = false;
    this.toggleAttribute('open', true);
    this.launcher.setAttribute('aria-expanded', 'true');
    this.connection?.start();
    this.transcript?.scrollToEnd();
    this.field.focus();
    this.render();
  }

  close(): void {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.toggleAttribute('open', false);
    this.launcher.setAttribute('aria-expanded', 'false');
    this.launcher.focus();
    this.render();
  }

  identify(jwt: string): void {
    this.connection?.identify(jwt);
  }

  logout(): void {
    this.connection?.logout();
  }

  private wire(account: string): void {
    const server = (this.getAttribute('server') ?? FaninChat.scriptOrigin).replace(/\/$/, '');
    this.storage = new Storage(`fanin-chat:${account}:`);
    this.outbox = new Outbox(this.storage);
    const { outbox } = this;
    this.transcript = new Transcript(this.log, () => this.words, {
      retry: (id) => {
        outbox.mark(id, false);
        this.field.focus();
        this.render();
        this.connection?.flush();
      },
      remove: (id) => {
        outbox.remove(id);
        this.field.focus();
        this.render();
      },
    });
    this.transcript.greet(this.words.greeting);
    this.connection = new Connection(server, account, this.storage, outbox, {
      changed: () => this.render(),
      welcomed: (frame) =>
        this.transcript?.greet(this.words.greeting === STRINGS.greeting ? frame.greeting : this.words.greeting),
      reset: () => {
        this.events = [];
        this.render();
      },
      event: (frame) => void this.events.push(frame),
      tokenNeeded: (reason) =>
        this.dispatchEvent(
          new CustomEvent('fanin-chat-token-needed', { detail: { reason }, bubbles: true, composed: true }),
        ),
    });
    this.stopListening = this.storage.onChange(() => {
      this.render();
      this.connection?.flush();
    });
    document.addEventListener('visibilitychange', this.render);
    this.launcher.onclick = () => (this.panel.hidden ? this.open() : this.close());
    this.closer.onclick = () => this.close();
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    this.field.onkeydown = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    };
    this.panel.onkeydown = (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    };
  }

  private submit(): void {
    const text = this.field.value.trim();
    if (text === '' || this.outbox === undefined || this.connection === undefined) return;
    if (new TextEncoder().encode(text).length > this.connection.maxTextBytes) return this.complain(this.words.tooLong);
    if (!this.outbox.add(text, this.connection.conversation)) return this.complain(this.words.full);
    this.complain('');
    this.field.value = '';
    this.render();
    this.transcript?.scrollToEnd();
    this.connection.start();
    this.connection.flush();
  }

  private complain(text: string): void {
    this.alert.textContent = text;
    this.alert.hidden = text === '';
    this.field.setAttribute('aria-invalid', String(text !== ''));
  }

  private label_(): void {
    const { words } = this;
    this.heading.textContent = words.title;
    this.label.textContent = words.field;
    this.hint.textContent = words.hint;
    this.field.placeholder = words.placeholder;
    this.log.setAttribute('aria-label', words.log);
    this.closer.setAttribute('aria-label', words.close);
    this.sender.setAttribute('aria-label', words.send);
    this.transcript?.greet(words.greeting);
  }

  private readonly render = (): void => {
    const { connection, words } = this;
    if (connection === undefined) return;
    const { state } = connection;
    this.transcript?.update(this.events, this.outbox?.all() ?? [], state === 'online');
    say(this.state, state === 'online' ? words.online : state === 'connecting' ? words.connecting : '');
    const trouble = state === 'offline' ? words.offline : state === 'signed-out' ? words.signedOut : '';
    say(this.note, trouble);
    this.note.hidden = trouble === '';
    this.showUnread();
  };

  private showUnread(): void {
    const name = `read:${this.connection?.conversation ?? ''}`;
    const last = this.events.at(-1)?.seq ?? 0;
    const read = Number(this.storage?.get(name) ?? 0);
    if (!this.panel.hidden && document.visibilityState === 'visible' && last > read)
      this.storage?.set(name, String(last));
    const isOpen = !this.panel.hidden;
    const unread = isOpen
      ? 0
      : this.events.filter((event) => event.direction === 'outbound' && event.seq > read).length;
    this.badge.textContent = unread > 9 ? '9+' : String(unread);
    this.badge.hidden = unread === 0;
    const label = isOpen ? this.words.close : this.words.open;
    this.launcher.setAttribute(
      'aria-label',
      unread === 0 ? label : `${label}, ${this.words.unread.replace('{n}', String(unread))}`,
    );
  }
}

/** Changes a live region only when its words change: the same words again would be read out again. */
function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
