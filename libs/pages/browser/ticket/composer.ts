import { ApiError, describeError, sendJson } from '../api/client.js';
import type { Message, Ticket } from '../api/types.js';
import { ANSWERED_BY } from '../format/words.js';
import { h } from '../view/element.js';
import { dropdown } from '../view/parts.js';
import { answerRules } from './answer-rules.js';
import { Draft, type DraftKind, type DraftRequest } from './draft.js';

export interface Composer {
  readonly element: HTMLElement;
  show(ticket: Ticket): void;
}

const KINDS: Readonly<
  Record<DraftKind, { readonly tab: string; readonly label: string; readonly send: string; readonly path: string }>
> = {
  reply: { tab: 'Reply', label: 'Your reply', send: 'Send reply', path: 'replies' },
  note: { tab: 'Internal note', label: 'Internal note, only seen here', send: 'Add note', path: 'notes' },
};

const AFTERWARDS = [
  { value: '', label: 'Keep status' },
  { value: 'pending', label: 'then Pending' },
  { value: 'on_hold', label: 'then On hold' },
  { value: 'solved', label: 'then Solved' },
] as const;

const CLOSED = 'This ticket is closed for good and takes notes only.';

/** Reply box and note. It is drawn once; live updates never touch what is typed. `onSent` gets the message as stored. */
export function composer(ticketId: string, onSent: (message: Message) => void): Composer {
  const drafts = {
    reply: new Draft(sessionStorage, ticketId, 'reply', () => crypto.randomUUID()),
    note: new Draft(sessionStorage, ticketId, 'note', () => crypto.randomUUID()),
  };
  let kind: DraftKind = 'reply';
  let afterwards: (typeof AFTERWARDS)[number]['value'] = '';
  let sending = false;
  let canSend = true;
  let withTemplate = false;
  let isClosed = false;

  const label = h('label', { for: 'composer-text', class: 'hidden' }, KINDS.reply.label);
  const text = h('textarea', {
    id: 'composer-text',
    rows: 5,
    maxlength: 65_536,
    dir: 'auto',
    'aria-describedby': 'composer-help',
  });
  const status = h('div', { class: 'composer-status', role: 'status' });
  const send = h('button', { type: 'submit', class: 'button primary' }, KINDS.reply.send);
  const to = h('span', { class: 'quiet' });
  const after = h(
    'div',
    { class: 'afterwards' },
    dropdown(
      { id: 'afterwards', label: 'Status after the reply', hideLabel: true },
      AFTERWARDS,
      '',
      (value) => (afterwards = value),
    ),
  );
  const rules = answerRules((sends) => {
    canSend = sends !== null;
    withTemplate = sends === 'template';
    mark();
  });

  const tab = (value: DraftKind): HTMLButtonElement =>
    h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${value}`,
        'aria-controls': 'composer-panel',
        'aria-selected': String(value === kind),
        tabindex: value === kind ? '0' : '-1',
        on: { click: () => choose(value) },
      },
      KINDS[value].tab,
    );
  const tabs = { reply: tab('reply'), note: tab('note') };
  const tabList = h('div', { role: 'tablist', class: 'tabs', 'aria-label': 'What to write' }, tabs.reply, tabs.note);
  tabList.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    choose(kind === 'reply' ? 'note' : 'reply');
    tabs[kind].focus();
  });
  const form = h(
    'form',
    {},
    rules.element,
    label,
    text,
    h(
      'div',
      { class: 'composer-end' },
      h(
        'span',
        { class: 'composer-about', id: 'composer-help' },
        to,
        h('span', { class: 'keys' }, h('kbd', {}, 'Ctrl'), ' + ', h('kbd', {}, 'Enter'), ' sends'),
      ),
      after,
      send,
    ),
    status,
  );
  const panel = h('div', { id: 'composer-panel', role: 'tabpanel', 'aria-labelledby': 'tab-reply' }, form);
  const element = h('section', { class: 'composer', 'aria-label': 'Answer', id: 'answer' }, tabList, panel);

  function choose(value: DraftKind): void {
    drafts[kind].save(text.value);
    kind = value;
    for (const [name, button] of Object.entries(tabs)) {
      button.setAttribute('aria-selected', String(name === kind));
      button.tabIndex = name === kind ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `tab-${kind}`);
    element.classList.toggle('is-note', kind === 'note');
    mark();
    send.textContent = KINDS[kind].send;
    text.value = drafts[kind].text;
    after.hidden = kind === 'note';
    to.hidden = kind === 'note';
    say('');
  }

  /** What the box is for, and whether its button does something now. */
  function mark(): void {
    const isReply = kind === 'reply';
    label.textContent =
      isReply && withTemplate ? 'What the template says, for those who read this ticket' : KINDS[kind].label;
    label.classList.toggle('hidden', !(isReply && withTemplate));
    rules.element.classList.toggle('is-away', !isReply);
    const isOff = sending || (isReply && (!canSend || isClosed));
    if (isOff) send.setAttribute('aria-disabled', 'true');
    else send.removeAttribute('aria-disabled');
  }

  function say(message: string, tone: 'bad' | 'good' | '' = ''): void {
    status.className = `composer-status${tone === '' ? '' : ` tone-${tone}`}`;
    status.textContent = message;
  }

  async function submit(): Promise<void> {
    const wanted = text.value.trim();
    if (sending) return;
    const sent = kind;
    if (sent === 'reply' && isClosed) return say(CLOSED, 'bad');
    const how = sent === 'reply' ? rules.read() : {};
    if ('refusal' in how) return say(how.refusal, 'bad');
    if (wanted === '') return say('Write something first.', 'bad');
    const request: DraftRequest = {
      text: wanted,
      ...(sent === 'reply' && afterwards !== '' ? { status: afterwards } : {}),
      ...how,
    };
    const draft = drafts[sent];
    draft.save(text.value);
    sending = true;
    mark();
    text.readOnly = true;
    say('Sending…');
    try {
      const message = await sendJson<Message>(
        'POST',
        `/api/v1/tickets/${encodeURIComponent(ticketId)}/${KINDS[sent].path}`,
        request,
        { 'idempotency-key': draft.keyFor(request) },
      );
      draft.clear();
      if (kind === sent) text.value = '';
      say(sent === 'reply' ? 'The reply is on its way.' : 'The note was added.', 'good');
      onSent(message);
    } catch (error) {
      const again =
        error instanceof ApiError && error.isUncertain
          ? ' Your text is kept. Send it again: it cannot go out twice.'
          : ' Your text is kept.';
      say(describeError(error) + again, 'bad');
    } finally {
      sending = false;
      mark();
      text.readOnly = false;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  text.addEventListener('input', () => {
    drafts[kind].save(text.value);
    if (!sending) say('');
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void submit();
  });
  text.value = drafts.reply.text;
  return {
    element,
    show(ticket) {
      isClosed = ticket.status === 'closed';
      rules.show(ticket);
      mark();
      to.textContent =
        ticket.status === 'closed'
          ? CLOSED
          : `To ${ticket.customer.name ?? 'the customer'} by ${ANSWERED_BY[ticket.channel]}`;
    },
  };
}
