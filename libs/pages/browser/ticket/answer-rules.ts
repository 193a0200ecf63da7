import type { Ticket, Visibility } from '../api/types.js';
import { formatDuration } from '../format/duration.js';
import { VISIBILITY_WORDS } from '../format/words.js';
import { h } from '../view/element.js';
import { fill } from '../view/fill.js';
import { segmented, visibilityChip } from '../view/parts.js';
import { isOpen, readVariables, stateOf, waysOf, type Way } from './answering.js';
import type { DraftRequest } from './draft.js';

/** How the reply goes out, beside its words. */
export interface AnswerRules {
  readonly element: HTMLElement;
  show(ticket: Ticket): void;
  /** Part of the request, or why there is none. */
  read(): Pick<DraftRequest, 'visibility' | 'template'> | { readonly refusal: string };
}

const TICK_MS = 1_000;

/**
 * Public or private, the time left, and a template where only that is possible. `onState` is told what can be sent whenever that
 * changes: by a choice, by the ticket, or by the clock.
 */
export function answerRules(onState: (sends: Way['sends']) => void): AnswerRules {
  const choice = h('div', { class: 'way-choice' });
  const state = h('p', { class: 'way-state' });
  const template = templateFields();
  const element = h('div', { class: 'answer-rules', hidden: true }, choice, state, template.element);
  let ways: readonly Way[] = [];
  let wanted: Visibility | undefined;
  const current = (): Way | undefined => ways.find(({ visibility }) => visibility === wanted) ?? ways[0];
  const draw = (): void => {
    const now = Date.now();
    const way = current();
    if (way === undefined) return;
    const open = ways.filter((other) => other === way || isOpen(other, now));
    element.hidden = way.visibility === null;
    fill(choice, [open.map((other) => labelOf(other, now)), way.visibility, ways.length], () =>
      open.length > 1
        ? [choose(open)]
        : [visibilityChip(way.visibility), h('span', { class: 'quiet' }, meaningOf(way))],
    );
    const text = stateOf(way, now);
    if (state.textContent !== text) state.textContent = text;
    state.hidden = text === '';
    const sends = isOpen(way, now) ? way.sends : null;
    state.classList.toggle('tone-bad', sends === null);
    template.element.hidden = sends !== 'template';
    onState(sends);
  };
  const choose = (open: readonly Way[]): HTMLElement =>
    segmented<Visibility>(
      'visibility',
      'Who can read the reply',
      open.flatMap((way) =>
        way.visibility === null ? [] : [{ value: way.visibility, label: labelOf(way, Date.now()) }],
      ),
      current()?.visibility ?? 'private',
      (visibility) => {
        wanted = visibility;
        draw();
      },
    );
  setInterval(draw, TICK_MS);
  return {
    element,
    show(ticket) {
      ways = waysOf(ticket, Date.now());
      const [usual] = ways;
      // Only ever towards privacy: what was meant for one must not go out to all because a time was over.
      if (wanted === undefined && usual !== undefined && !isOpen(usual, Date.now()))
        wanted = ways.find((way) => way.visibility === 'private' && isOpen(way, Date.now()))?.visibility ?? undefined;
      draw();
    },
    read() {
      const now = Date.now();
      const way = current();
      if (way === undefined || way.visibility === null) return {};
      if (!isOpen(way, now)) return { refusal: stateOf(way, now) };
      if (way.sends === 'text') return { visibility: way.visibility };
      const used = template.read();
      return 'refusal' in used ? used : { visibility: way.visibility, template: used };
    },
  };
}

/** `Private reply (2 h 05 min)`: how long each is possible is seen without choosing it. */
function labelOf({ visibility, closesAt }: Way, now: number): string {
  if (visibility === null) return '';
  const left = closesAt === null ? '' : ` (${formatDuration(Math.max(0, (closesAt - now) / 1000))})`;
  return `${VISIBILITY_WORDS[visibility].label} reply${left}`;
}

function meaningOf({ visibility }: Way): string {
  return visibility === null ? '' : VISIBILITY_WORDS[visibility].meaning;
}

function templateFields(): {
  readonly element: HTMLElement;
  read(): NonNullable<DraftRequest['template']> | { readonly refusal: string };
} {
  const id = h('input', { id: 'template-id', type: 'text', maxlength: 128, autocomplete: 'off', spellcheck: 'false' });
  const language = h('input', {
    id: 'template-language',
    type: 'text',
    maxlength: 16,
    autocomplete: 'off',
    placeholder: 'en_US',
  });
  const variables = h('textarea', {
    id: 'template-variables',
    rows: 2,
    placeholder: '1=order 1042',
    spellcheck: 'false',
  });
  const field = (name: string, label: string, input: HTMLElement): HTMLElement =>
    h('div', { class: 'field' }, h('label', { for: name }, label), input);
  return {
    element: h(
      'fieldset',
      { class: 'template-fields', hidden: true },
      h('legend', { class: 'hidden' }, 'Template'),
      field('template-id', 'Template', id),
      field('template-language', 'Language', language),
      field('template-variables', 'Values for its gaps, one a line', variables),
    ),
    read() {
      const name = id.value.trim();
      if (name === '') return { refusal: 'Name the template.' };
      const gaps = readVariables(variables.value);
      if (gaps === undefined) return { refusal: 'Write each gap of the template as name=value on a line of its own.' };
      const tongue = language.value.trim();
      return { id: name, ...(tongue === '' ? {} : { language: tongue }), variables: gaps };
    },
  };
}
