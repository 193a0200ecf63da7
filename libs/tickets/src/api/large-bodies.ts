import type { BlobStore } from '@fanin/connector-kit';
import { messageOf, type Logger } from '@fanin/kernel';
import type { MessageView } from './views.js';
import type { MessageRow } from './message-view.js';

/**
 * Puts bodies that travelled by reference back into the view. When the object store has lost one, the beginning that the
 * row holds is better than no message.
 */
export async function withLargeBody(
  row: MessageRow,
  view: MessageView,
  blobs: BlobStore,
  logger: Logger,
): Promise<MessageView> {
  const ref = row.details.body_ref;
  if (ref === null || row.hidden) return view;
  try {
    const body = JSON.parse((await blobs.get(ref.key)).toString('utf8')) as Partial<
      Pick<MessageView, 'text' | 'html' | 'quoted_text'>
    >;
    return {
      ...view,
      text: body.text ?? view.text,
      html: body.html ?? view.html,
      quoted_text: body.quoted_text ?? view.quoted_text,
    };
  } catch (error) {
    logger.warn('a large body could not be read', { message_id: row.id, reason: messageOf(error) });
    return { ...view, flags: [...view.flags, 'body_cut'] };
  }
}
