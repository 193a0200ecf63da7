import type { Account, Person, SentMessage, StoredMessage } from '../model.js';
import { afterDirect } from '../receipts.js';
import type { Stage } from '../stage.js';
import type { Attached } from './attachments.js';
import { textParam } from './request.js';
import type { GraphCallContext } from './request.js';

export interface Content {
  text?: string;
  attachments: Attached[];
  replyTo?: string;
  metadata?: string;
}

/** Stores the message, shows it in `sent()`, and sets off echo and receipts. */
export function deliver(
  stage: Stage,
  call: GraphCallContext,
  account: Account,
  person: Person,
  content: Content,
  how: { kind: SentMessage['kind']; commentId?: string },
): StoredMessage {
  const { text, replyTo, metadata } = content;
  const message = stage.world.addMessage(account, person, {
    id: stage.world.newMid(account, person.id, true),
    fromPerson: false,
    at: stage.world.now(),
    attachments: content.attachments.map(({ stored }) => stored),
    ...(text === undefined ? {} : { text }),
    ...(replyTo === undefined ? {} : { replyTo }),
  });
  const tag = textParam(call, 'tag');
  stage.world.sent.push({
    id: message.id,
    at: new Date(message.at).toISOString(),
    app_id: call.app.options.id,
    channel: account.kind === 'page' ? 'messenger' : 'instagram_dm',
    account_id: account.id,
    kind: how.kind,
    to: person.id,
    ...(text === undefined ? {} : { text }),
    ...(content.attachments.length === 0 ? {} : { attachments: content.attachments.map(({ shown }) => shown) }),
    ...(how.commentId === undefined ? {} : { comment_id: how.commentId }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(tag === undefined ? {} : { tag }),
    request: call.params,
  });
  afterDirect(stage, account, person, message, {
    appId: call.app.options.id,
    ...(metadata === undefined ? {} : { metadata }),
  });
  return message;
}
