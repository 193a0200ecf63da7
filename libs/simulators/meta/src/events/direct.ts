import type { Account, Person, StoredAttachment, StoredMessage, Update } from '../model.js';

/** Updates of Messenger and Instagram conversations. README, "Shapes", names the page of each. */

export function messagingUpdate(
  account: Account,
  at: number,
  field: string,
  part: Record<string, unknown>,
  more: { person: Person; fromUs?: boolean; standby?: boolean; timed?: boolean },
): Update {
  const [sender, recipient] = more.fromUs === true ? [account.id, more.person.id] : [more.person.id, account.id];
  const timestamp = more.timed === false ? {} : { timestamp: at };
  return {
    object: account.object,
    entryId: account.entryId,
    field: more.standby === true ? 'standby' : field,
    list: more.standby === true ? 'standby' : 'messaging',
    at,
    item: { sender: { id: sender }, recipient: { id: recipient }, ...timestamp, ...part },
  };
}

/** `linked`: the addresses of the attachments at the time of the event. */
export function messagePart(
  message: StoredMessage,
  linked: readonly (StoredAttachment & { url?: string })[],
  more: Record<string, unknown> = {},
): { message: Record<string, unknown> } {
  return {
    message: {
      mid: message.id,
      ...(message.text === undefined ? {} : { text: message.text }),
      ...(linked.length === 0 ? {} : { attachments: linked.map(attachmentPart) }),
      ...more,
    },
  };
}

function attachmentPart({ type, url, title }: StoredAttachment): Record<string, unknown> {
  if (type === 'fallback') return { type, title: title ?? '', url, payload: { url, title: title ?? '' } };
  return { type, payload: { url, ...(title === undefined ? {} : { title }) } };
}

export const postbackPart = (mid: string, title: string, payload: string) => ({ postback: { mid, title, payload } });

export const editPart = (mid: string, text: string, edits: number) => ({
  message_edit: { mid, text, num_edit: edits },
});

export const unsendPart = (mid: string) => ({ message: { mid, is_deleted: true } });

export const unsupportedPart = (mid: string) => ({ message: { mid, is_unsupported: true } });

export function reactionPart(mid: string, action: 'react' | 'unreact', reaction: string, emoji: string) {
  return { reaction: { mid, action, ...(action === 'unreact' ? {} : { reaction, emoji }) } };
}

export const deliveryPart = (watermark: number, mids?: readonly string[]) => ({
  delivery: { ...(mids === undefined ? {} : { mids }), watermark },
});

/** Instagram names the newest message read, Messenger the time up to which all are. */
export const readPart = (account: Account, watermark: number, mid: string | undefined) => ({
  read: account.kind === 'instagram' ? { mid } : { watermark },
});

/** Echoes have a field of their own on Messenger and come with `messages` on Instagram. */
export const echoField = (account: Account): string => (account.kind === 'page' ? 'message_echoes' : 'messages');

export const readField = (account: Account): string => (account.kind === 'page' ? 'message_reads' : 'messaging_seen');
