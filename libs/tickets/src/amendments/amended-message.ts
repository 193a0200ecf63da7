import type { Attachment } from '@fanin/contracts';
import type { AmendedDetails, AmendmentDetails, MessageDetails, Reaction } from '../schema/entities/message.entity.js';

/** The part of a message that amendments change. */
export interface MessageContent {
  readonly id: string;
  readonly text: string;
  readonly html: string | null;
  readonly quotedText: string | null;
  readonly details: MessageDetails;
}

export interface StoredAmendment extends MessageContent {
  /** Place among the rows of its ticket: the order of arrival. */
  readonly seq: number;
  /** The provider's time, else ours; ISO 8601. */
  readonly at: string;
}

export interface AmendedMessage {
  readonly content: MessageContent;
  /** The sender took it back: neither it nor its amendments are shown. */
  readonly hidden: boolean;
  /** What was replaced, by id of the amendment that replaced it. */
  readonly earlierTexts: ReadonlyMap<string, string>;
}

const NEW_TEXT = new Set(['edited', 'transcribed']);
const FLAGGED = new Set(['edited', 'transcribed', 'deleted']);

/** Changes that hold content of their own: they are kept even when nothing is known of what they change. */
export function holdsContent({ change }: Pick<AmendmentDetails, 'change'>): boolean {
  return NEW_TEXT.has(change) || change === 'attachments_added';
}

/**
 * A message with all its amendments applied, anew from what it was at first: the result is the same in whatever order
 * they came, and however often. The provider's time decides between texts and reactions; attachments are appended in order of
 * arrival, so that a position once given stays. Changes of an unknown sort change nothing.
 */
export function amend(message: MessageContent, amendments: readonly StoredAmendment[]): AmendedMessage {
  const original = originalOf(message);
  const inTime = [...amendments].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.seq - b.seq);
  const earlierTexts = new Map<string, string>();
  const changes = new Set<string>();
  let body = original;
  for (const amendment of inTime) {
    const change = amendment.details.amends?.change ?? '';
    if (FLAGGED.has(change)) changes.add(change);
    if (!NEW_TEXT.has(change)) continue;
    earlierTexts.set(amendment.id, body.text);
    body = {
      ...original,
      text: amendment.text,
      html: amendment.html,
      quoted_text: amendment.quotedText ?? original.quoted_text,
      body_ref: amendment.details.body_ref,
    };
  }
  const amended: AmendedDetails = { changes: [...changes], reactions: reactionsOf(inTime), original };
  return {
    content: {
      id: message.id,
      text: body.text,
      html: body.html,
      quotedText: body.quoted_text,
      details: {
        ...message.details,
        body_ref: body.body_ref,
        attachments: withAdded(original.attachments, amendments),
        amended,
      },
    },
    hidden: changes.has('deleted'),
    earlierTexts,
  };
}

function originalOf({ text, html, quotedText, details }: MessageContent): AmendedDetails['original'] {
  return (
    details.amended?.original ?? {
      text,
      html,
      quoted_text: quotedText,
      body_ref: details.body_ref,
      attachments: details.attachments,
    }
  );
}

/** Some providers repeat what was there when they tell of more. */
function withAdded(original: readonly Attachment[], amendments: readonly StoredAmendment[]): readonly Attachment[] {
  const all = [...original];
  for (const { details } of [...amendments].sort((a, b) => a.seq - b.seq)) {
    for (const coming of details.attachments) {
      if (!all.some(({ sha256, name }) => sha256 === coming.sha256 && name === coming.name)) all.push(coming);
    }
  }
  return all;
}

/** One reaction a person, as on all platforms that have them: a new one takes the place of the one before. */
function reactionsOf(inTime: readonly StoredAmendment[]): readonly Reaction[] {
  const byPerson = new Map<string, Reaction>();
  for (const { details, at } of inTime) {
    const { from, amends } = details;
    const person = `${from.kind}:${from.id}`;
    if (amends?.change === 'reacted' || amends?.change === 'unreacted') byPerson.delete(person);
    if (amends?.change === 'reacted') byPerson.set(person, { value: amends.value, from, at });
  }
  return [...byPerson.values()];
}
