import type {
  AccountState,
  ChannelFamily,
  DeliveryStatus,
  FateName,
  Priority,
  TicketStatus,
  Visibility,
} from '../api/types.js';

export const CHANNELS: Readonly<Record<ChannelFamily, string>> = {
  email: 'E-mail',
  chat: 'Chat',
  phone: 'Phone',
  social: 'Social',
};

/** How an answer goes out: a call is answered in writing. */
export const ANSWERED_BY: Readonly<Record<ChannelFamily, string>> = {
  email: 'e-mail',
  chat: 'chat',
  phone: 'text message',
  social: 'social',
};

export const STATUSES: Readonly<Record<TicketStatus, string>> = {
  new: 'New',
  open: 'Open',
  pending: 'Pending',
  on_hold: 'On hold',
  solved: 'Solved',
  closed: 'Closed',
};

export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = {
  low: 'Low',
  normal: 'Normal',
  high: 'High',
  urgent: 'Urgent',
};

export const ACCOUNT_STATES: Readonly<
  Record<AccountState, { readonly label: string; readonly tone: 'good' | 'busy' | 'bad' | 'off' }>
> = {
  connected: { label: 'Connected', tone: 'good' },
  starting: { label: 'Starting', tone: 'busy' },
  backfilling: { label: 'Fetching older messages', tone: 'busy' },
  degraded: { label: 'Having trouble', tone: 'bad' },
  bad_credentials: { label: 'Login refused', tone: 'bad' },
  failed: { label: 'Failed', tone: 'bad' },
  stopped: { label: 'Stopped', tone: 'off' },
};

export const VISIBILITY_WORDS: Readonly<Record<Visibility, { readonly label: string; readonly meaning: string }>> = {
  public: { label: 'Public', meaning: 'Everybody can read it.' },
  private: { label: 'Private', meaning: 'Only the customer and the shop can read it.' },
};

const TASKS: Readonly<Record<string, string>> = { callback: 'Call back' };

export function taskWords(kind: string): string {
  return TASKS[kind] ?? humanise(kind);
}

const CHANGES: Readonly<Record<string, string>> = {
  edited: 'Edited',
  transcribed: 'Transcript came',
  attachments_added: 'Files came',
  deleted: 'Deleted',
  reacted: 'Reacted',
  unreacted: 'Took a reaction back',
};

/** What happened to a message. */
export function changeWords(change: string, flags: readonly string[] = []): string {
  if (flags.includes('attachment_missing')) return 'File missing';
  return CHANGES[change] ?? humanise(change);
}

export interface FateWords {
  readonly label: string;
  readonly meaning: string;
}

/** In the order of the sum. */
export const FATE_WORDS: Readonly<Record<FateName | 'in_flight', FateWords>> = {
  accepted: { label: 'accepted', meaning: 'Became a message on a ticket.' },
  duplicate: { label: 'duplicate', meaning: 'The provider sent again what was already here. Kept once.' },
  suppressed: {
    label: 'suppressed',
    meaning:
      'Written by a machine (an out-of-office reply, a bounce, our own echo). It opens no ticket; the rule is named.',
  },
  quarantined: { label: 'quarantined', meaning: 'Held back because it may be harmful. Nothing is thrown away.' },
  ignored: { label: 'ignored', meaning: 'Holds no message of a customer, for example “is typing” or “has read”.' },
  dead_lettered: {
    label: 'unreadable',
    meaning: 'Could not be processed after several attempts. Kept with its reason, to be tried again.',
  },
  in_flight: { label: 'in flight', meaning: 'Captured, and being worked on right now.' },
};

export const DELIVERY_WORDS: Readonly<
  Record<DeliveryStatus, { readonly label: string; readonly tone: 'good' | 'busy' | 'bad' | 'off' }>
> = {
  queued: { label: 'Queued', tone: 'busy' },
  sent: { label: 'Sent', tone: 'good' },
  delivered: { label: 'Delivered', tone: 'good' },
  read: { label: 'Read', tone: 'good' },
  failed: { label: 'Not delivered', tone: 'bad' },
  unknown: { label: 'Unknown, check', tone: 'bad' },
};

const THREADING: Readonly<Record<string, string>> = {
  new: 'opened this ticket',
  reply_token: 'joined by reply address',
  references: 'joined by the message it answers',
  conversation_key: 'same conversation',
  late_parent: 'joined: a later message answers it',
  same_message: 'came in by another account too',
  subject_tag: 'joined by the ticket number in the subject',
  sender_guard: 'opened a ticket of its own: its sender has no part in the ticket it refers to',
  delivery_report: 'joined by the delivery report',
  follow_up: 'follows up a closed ticket',
  amends: 'news about another message',
};

/** Why a message is on its ticket, in plain words; an unknown rule by its own name. */
export function threadingWords(rule: string): string {
  return THREADING[rule] ?? `joined by ${humanise(rule).toLowerCase()}`;
}

const FLAGS: Readonly<Record<string, string>> = {
  unparsed: 'could not be read in full; see the original',
  encrypted: 'encrypted; see the original',
  dmarc_fail: 'sender not proven (DMARC failed)',
  sender_unverified: 'sender not proven',
  backfilled: 'fetched later',
  edited: 'edited by its sender',
  transcribed: 'transcript by a machine',
  deleted: 'deleted by its sender',
  sent_elsewhere: 'sent with another tool',
  own_echo: 'echo of a reply of ours',
  body_cut: 'shortened; see the original',
  text_shortened: 'shortened; see the original',
  html_shortened: 'HTML shortened; see the original',
  text_from_html: 'text made from the HTML',
  date_missing: 'no date given',
  date_unusable: 'its date makes no sense',
  headers_damaged: 'damaged; see the original',
  structure_repaired: 'damaged, repaired; see the original',
  second_parser: 'damaged, read in another way; see the original',
  parts_left_out: 'parts left out; see the original',
  message_id_synthesised: 'came without an id',
  repeated_header: 'sender or subject given twice; see the original',
  charset_guessed: 'character set guessed',
  calendar: 'holds an invitation',
  winmail_dat: 'sent as winmail.dat',
  smime_signed: 'signed (S/MIME)',
  smime_encrypted: 'encrypted (S/MIME); see the original',
  pgp_signed: 'signed (PGP)',
  pgp_encrypted: 'encrypted (PGP); see the original',
};

export function flagWords(flag: string): string {
  return FLAGS[flag] ?? humanise(flag).toLowerCase();
}

/** `auto_reply` → `Auto reply`. */
export function humanise(name: string): string {
  const text = name.replaceAll('_', ' ').trim();
  return text === '' ? name : (text[0] ?? '').toUpperCase() + text.slice(1);
}
