import type { ChannelFamily, FateName, TicketStatus } from '../api/types.js';
import { CHANNELS, FATE_WORDS, STATUSES } from '../format/words.js';
import { RANGES, type RangeName } from './range.js';

/** Figures of the page that lead to the tickets behind them. */
export const MEASURES = [
  'created',
  'first_reply',
  'full_resolution',
  'solved',
  'reopened',
  'backlog',
  'unreplied',
] as const;
export type Measure = (typeof MEASURES)[number];

/** What the table at the bottom shows. */
export type Shown =
  | { readonly kind: 'latest'; readonly status: TicketStatus | ''; readonly search: string }
  | {
      readonly kind: 'measure';
      readonly measure: Measure;
      readonly channel: ChannelFamily | '';
      readonly windowMs: number | null;
    }
  | {
      readonly kind: 'fate';
      readonly fate: FateName | 'in_flight' | '';
      readonly rule: string;
      readonly channel: ChannelFamily | '';
    };

export interface ViewState {
  readonly range: RangeName;
  readonly channel: ChannelFamily | '';
  readonly counted: 'tickets' | 'messages';
  readonly shown: Shown;
}

export const LATEST: Shown = { kind: 'latest', status: '', search: '' };

function among<T extends string>(value: string | null, allowed: readonly T[], otherwise: T): T {
  return allowed.includes(value as T) ? (value as T) : otherwise;
}

const families = Object.keys(CHANNELS) as ChannelFamily[];
const statuses = Object.keys(STATUSES) as TicketStatus[];
const fates = Object.keys(FATE_WORDS) as (FateName | 'in_flight')[];

/** From the address, so that Back, a bookmark and a link to a colleague show the same. What is not understood is left out. */
export function readViewState(search: string): ViewState {
  const query = new URLSearchParams(search);
  return {
    range: among(query.get('range'), RANGES, '24h'),
    channel: among<ChannelFamily | ''>(query.get('channel'), families, ''),
    counted: among(query.get('counted'), ['tickets', 'messages'], 'tickets'),
    shown: readShown(query),
  };
}

function readShown(query: URLSearchParams): Shown {
  const channel = among<ChannelFamily | ''>(query.get('of'), families, '');
  const fate = query.get('fate');
  if (fate !== null)
    return {
      kind: 'fate',
      fate: among<FateName | 'in_flight' | ''>(fate, fates, ''),
      rule: query.get('rule') ?? '',
      channel,
    };
  const measure = query.get('show');
  if (MEASURES.includes(measure as Measure)) {
    const at = Number(query.get('at') ?? '');
    return {
      kind: 'measure',
      measure: measure as Measure,
      channel,
      windowMs: Number.isSafeInteger(at) && at > 0 ? at : null,
    };
  }
  return {
    kind: 'latest',
    status: among<TicketStatus | ''>(query.get('status'), statuses, ''),
    search: query.get('q') ?? '',
  };
}

export function writeViewState({ range, channel, counted, shown }: ViewState): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string, usual = ''): void => {
    if (value !== usual) query.set(name, value);
  };
  set('range', range, '24h');
  set('channel', channel);
  set('counted', counted, 'tickets');
  switch (shown.kind) {
    case 'latest':
      set('status', shown.status);
      set('q', shown.search);
      break;
    case 'measure':
      query.set('show', shown.measure);
      set('of', shown.channel);
      if (shown.windowMs !== null) query.set('at', String(shown.windowMs));
      break;
    case 'fate':
      query.set('fate', shown.fate === '' ? 'all' : shown.fate);
      set('rule', shown.rule);
      set('of', shown.channel);
  }
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}
