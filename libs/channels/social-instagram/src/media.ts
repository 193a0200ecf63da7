import type { FetchedMedia, MediaSource } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createLinkMedia, objectAt, read, readRef, textAt, type Json, type MediaOptions } from '@fanin/meta';

/** Files by their link, and what a mention says by its ids. */
export function createMedia(options: MediaOptions, instagramId: string): MediaSource {
  const links = createLinkMedia(options);
  return {
    fetch: async (attachment, context) => {
      const ref = readRef(attachment.ref);
      if (ref?.kind !== 'mention') return links.fetch(attachment, context);
      const { mediaId, commentId } = ref;
      const wish =
        commentId === undefined
          ? `mentioned_media.media_id(${mediaId}){caption,username,timestamp,permalink}`
          : `mentioned_comment.comment_id(${commentId}){text,username,timestamp}`;
      const answer = await read(options.graph, instagramId, { fields: wish }, context.signal);
      return asText(objectAt(answer, commentId === undefined ? 'mentioned_media' : 'mentioned_comment'));
    },
  };
}

function asText(mention: Json | undefined): FetchedMedia {
  if (mention === undefined) throw new FaninError('BAD_PAYLOAD', 'gone: the mention cannot be read any more');
  const lines = [
    `@${textAt(mention, 'username') ?? 'unknown'}, ${textAt(mention, 'timestamp') ?? ''}`,
    textAt(mention, 'text') ?? textAt(mention, 'caption') ?? '',
    textAt(mention, 'permalink') ?? '',
  ];
  return { content: Buffer.from(`${lines.join('\n').trim()}\n`), contentType: 'text/plain' };
}
