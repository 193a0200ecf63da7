import type { Message, Party } from '../api/types.js';
import { formatBytes } from '../format/duration.js';
import { CHANNELS, DELIVERY_WORDS, flagWords, threadingWords } from '../format/words.js';
import type { Child } from '../view/element.js';
import { h, icon, ICONS } from '../view/element.js';
import { timeOf, visibilityChip } from '../view/parts.js';
import { amendmentItem, reactionList } from './amendments.js';
import { linkedText } from './linked-text.js';
import { mailFrame } from './mail-frame.js';

const LONG = 8_000;

/** What a message is shown among. */
export interface Surroundings {
  /** Public and private messages stand side by side: each says which it is. */
  readonly isMixed: boolean;
  /** The message that this one is news about is shown too. */
  readonly isTargetHere: boolean;
}

/** One message. What machines wrote (bounces, auto-replies) is small and set apart from what people say to each other. */
export function messageItem(message: Message, around: Surroundings): HTMLElement {
  if (message.kind !== 'event') return personMessage(message, around);
  if (message.amends === null) return machineMessage(message);
  return amendmentItem(message, around.isTargetHere, () => [
    body(message),
    attachments(message),
    foot(message, h('div', {})),
  ]);
}

export function nameOf({ name, id }: Party): string {
  return name === null || name === '' ? id : name;
}

function personMessage(message: Message, { isMixed }: Surroundings): HTMLElement {
  const side = message.kind === 'note' ? 'note' : message.direction;
  const frame = h('div', { class: 'frame-place' });
  return h(
    'article',
    {
      class: `message message-${side}`,
      id: `message-${message.id}`,
      'aria-label': `${side === 'note' ? 'Internal note' : 'Message'} by ${nameOf(message.from)}`,
    },
    h(
      'header',
      {},
      h('span', { class: 'avatar', 'aria-hidden': 'true' }, initialOf(message.from)),
      h('span', { class: 'sender', dir: 'auto' }, nameOf(message.from)),
      message.from.name !== null &&
        message.from.name !== '' &&
        message.direction === 'inbound' &&
        h('span', { class: 'quiet address' }, message.from.id),
      side === 'note' && h('span', { class: 'chip note-chip' }, 'Internal note'),
      isMixed && visibilityChip(message.visibility),
      h(
        'span',
        { class: 'when' },
        icon(ICONS[message.channel]),
        h('span', { class: 'hidden' }, CHANNELS[message.channel]),
        timeOf(message.provider_time ?? message.received_at),
      ),
    ),
    body(message),
    quoted(message),
    frame,
    attachments(message),
    reactionList(message),
    unknownDelivery(message),
    foot(message, frame),
  );
}

function initialOf(party: Party): string {
  return (/[\p{L}\p{N}]/u.exec(nameOf(party))?.[0] ?? '?').toUpperCase();
}

function body({ text, html, flags, attachments: files }: Message): HTMLElement {
  if (flags.includes('deleted')) return h('p', { class: 'quiet no-text' }, 'Deleted by its sender.');
  if (text.trim() === '')
    return h(
      'p',
      { class: 'quiet no-text' },
      html === null
        ? files.length > 0
          ? 'No text, only attachments.'
          : 'No text.'
        : 'No plain text. Show it formatted below.',
    );
  const place = h('div', { class: 'text', dir: 'auto' }, linkedText(text.slice(0, LONG)));
  if (text.length <= LONG) return place;
  const rest = h('button', { type: 'button', class: 'button' }, `Show the rest (${formatBytes(text.length - LONG)})`);
  rest.addEventListener('click', () => place.replaceChildren(...linkedText(text)));
  place.append('… ', rest);
  return place;
}

function quoted({ quoted_text: text }: Message): Child {
  if (text === null || text.trim() === '') return null;
  return h(
    'details',
    { class: 'quoted' },
    h('summary', {}, 'Quoted text'),
    h('div', { class: 'text', dir: 'auto' }, linkedText(text)),
  );
}

function attachments({ id, attachments: files }: Message): Child {
  if (files.length === 0) return null;
  return h(
    'ul',
    { class: 'attachments', 'aria-label': 'Attachments' },
    ...files.map(({ name, content_type: type, size }, n) => {
      const href = `/api/v1/messages/${encodeURIComponent(id)}/attachments/${n}`;
      const isSound = type.startsWith('audio/');
      return h(
        'li',
        { class: isSound ? 'sound' : null },
        isSound && h('audio', { controls: true, preload: 'none', src: href, 'aria-label': `Recording ${name}` }),
        h(
          'a',
          { href, download: name, title: type },
          icon(ICONS.clip),
          h('span', { dir: 'auto' }, name),
          h('span', { class: 'quiet' }, formatBytes(size)),
        ),
      );
    }),
  );
}

/** Sending again might send twice, not sending might leave the customer without an answer: a person must look. */
function unknownDelivery({ delivery: state }: Message): Child {
  if (state?.status !== 'unknown') return null;
  return h(
    'p',
    { class: 'unknown-delivery' },
    h('b', {}, 'Unknown whether this went out. '),
    'The connection broke while it was sent. Look at the provider before you send it again: it may arrive twice.',
  );
}

/** Two clocks, why it is here, what is odd about it, and the original. */
function foot(message: Message, frame: HTMLElement): Child {
  const { provider_time: sent, received_at: received, threading, flags, direction } = message;
  if (message.kind === 'note' && flags.length === 0 && message.html === null) return null;
  return h(
    'footer',
    {},
    direction === 'inbound' &&
      h('span', {}, sent === null ? '' : ['sent ', timeOf(sent), ', '], 'received ', timeOf(received)),
    direction === 'inbound' && threading !== null && threadingNote(threading.rule, threading.evidence),
    ...flags.map((flag) => h('span', { class: 'flag' }, flagWords(flag))),
    message.template !== null && h('span', {}, 'template ', message.template.id),
    delivery(message),
    h(
      'span',
      { class: 'foot-end' },
      formatted(message, frame),
      direction === 'inbound' &&
        h('a', { href: `/api/v1/messages/${encodeURIComponent(message.id)}/raw`, download: true }, 'Original'),
    ),
  );
}

function threadingNote(rule: string, evidence: string | null): HTMLElement {
  const words = threadingWords(rule);
  if (evidence === null || evidence === '') return h('span', {}, words);
  return h(
    'details',
    { class: 'why' },
    h('summary', {}, words),
    h('span', { class: 'evidence', dir: 'auto' }, evidence),
  );
}

function delivery({ direction, kind, delivery: state }: Message): Child {
  if (direction !== 'outbound' || kind !== 'public' || state === null) return null;
  const { label, tone } = DELIVERY_WORDS[state.status];
  const reason = state.reason ?? null;
  return h(
    'span',
    { class: `delivery tone-${tone}` },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    label,
    state.at !== undefined && [' ', timeOf(state.at)],
    reason !== null && h('span', { class: 'reason' }, `: ${reason}`),
  );
}

function formatted({ html, from }: Message, place: HTMLElement): Child {
  if (html === null || html === '') return null;
  const button = h('button', { type: 'button', class: 'link', 'aria-expanded': 'false' }, 'Show formatted');
  button.addEventListener('click', () => {
    const open = button.getAttribute('aria-expanded') === 'true';
    button.setAttribute('aria-expanded', String(!open));
    button.textContent = open ? 'Show formatted' : 'Show text only';
    place.replaceChildren(...(open ? [] : [mailFrame(html, `Formatted message by ${nameOf(from)}`)]));
  });
  return button;
}

function machineMessage(message: Message): HTMLElement {
  const label = message.subject ?? (message.text.split('\n', 1)[0] || 'Automatic message');
  return h(
    'article',
    { class: 'message message-event', id: `message-${message.id}`, 'aria-label': 'Automatic message' },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('span', { class: 'event-kind' }, message.flags.includes('bounce') ? 'Bounce' : 'Automatic'),
        h('span', { class: 'event-subject', dir: 'auto' }, label),
        timeOf(message.provider_time ?? message.received_at),
      ),
      h('p', { class: 'quiet' }, `From ${nameOf(message.from)}. It does not change the ticket.`),
      body(message),
      quoted(message),
      attachments(message),
      foot(message, h('div', {})),
    ),
  );
}
