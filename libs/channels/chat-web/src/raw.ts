import type { CapturedDelivery } from '@fanin/connector-kit';
import type { Visitor } from './identity.js';
import type { HelloFrame, MessageFrame } from './protocol.js';

export const CONTENT_TYPE = 'application/vnd.fanin.chat-message+json';

/** The frame's own bytes, and beside them what the server knew about the socket that they came over. */
export function rawDelivery(
  frameBytes: Buffer,
  frame: MessageFrame,
  visitor: Visitor,
  hello: HelloFrame,
): CapturedDelivery {
  const former = frame.conversation_id ?? '';
  return {
    body: frameBytes,
    contentType: CONTENT_TYPE,
    orderKey: visitor.conversationId,
    meta: {
      protocol: String(hello.v),
      conversation_id: visitor.conversationId,
      ...(visitor.formerConversations.includes(former) ? { first_tried_in: former } : {}),
      visitor_id: visitor.id,
      verified: String(visitor.verified),
      ...(visitor.name === null ? {} : { name: visitor.name }),
      ...(visitor.email === null ? {} : { email: visitor.email }),
      ...(visitor.formerId === null ? {} : { former_visitor_id: visitor.formerId }),
      ...(hello.page === undefined ? {} : { page: hello.page }),
    },
  };
}

/** The part of a message's id that never changes, whatever conversation it ends up in. */
export function providerMessageId(meta: Readonly<Record<string, string>>, clientMessageId: string): string {
  return `${meta['first_tried_in'] ?? meta['conversation_id']}:${clientMessageId}`;
}
