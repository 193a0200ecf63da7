import type { OutboundMessageV1 } from '@fanin/contracts';
import type { ConversationLog, Deliver } from '@fanin/connector-kit';
import { Directory } from './directory.js';
import { encodeEntry } from './entry.js';
import { manifest } from './manifest.js';
import { cleanText } from './parse-frame.js';

/**
 * A reply is sent when it is in the transcript: every replica pushes it to the sockets that are open, and a visitor who is
 * away gets it on the next visit. The outbound id names the entry, so sending twice changes nothing.
 */
export function createDeliver(log: ConversationLog): Deliver {
  const directory = new Directory(log);
  return {
    send: async (message: OutboundMessageV1) => {
      const refusal = refuse(message);
      if (refusal !== null) return { status: 'failed', ...refusal };
      const entry = {
        direction: 'outbound',
        entryId: message.outbound_id,
        payload: encodeEntry({
          text: cleanText(message.text),
          author: { kind: message.kind === 'automatic' ? 'automatic' : 'agent', name: message.author_name },
        }),
      } as const;
      await log.append(message.conversation_key, entry);
      const movedTo = await directory.movedTo(message.conversation_key);
      if (movedTo !== null) await log.append(movedTo, entry);
      return { status: 'sent', providerMessageId: `${message.conversation_key}:${message.outbound_id}` };
    },
  };
}

function refuse(message: OutboundMessageV1): { readonly code: string; readonly reason: string } | null {
  const max = manifest.limits.maxReplyChars ?? Infinity;
  if (message.text.length > max) return { code: 'BAD_PAYLOAD', reason: `the reply is longer than ${max} characters` };
  if (message.attachments.length > 0)
    return { code: 'UNSUPPORTED', reason: 'live chat carries no attachments; put a link into the text' };
  return null;
}
