import type { ConversationLog } from '@fanin/connector-kit';
import { decodeEntry, encodeEntry } from './entry.js';
import { firstConversationOf, signedId, type Scope } from './visitor.js';
import { opaqueKey } from '@fanin/kernel';

const PAGE = 200;
const PREFIX_HOME = 'home:';
const PREFIX_OWNER = 'owner:';

interface Owner {
  /** Hash of the signed visitor's id. */
  readonly user: string;
  /** The conversation that holds these entries now; the same one when the visitor's home is this conversation. */
  readonly conversation: string;
}

/**
 * Which conversation belongs to whom, kept in the conversation log itself: an entry under a fixed id is written once and
 * the first one stands, which is all that is needed to decide it for every replica.
 */
export class Directory {
  constructor(private readonly log: ConversationLog) {}

  /** null while the anonymous conversation belongs to nobody who signed in. */
  async ownerOf(conversationId: string): Promise<Owner | null> {
    const [entry] = await this.log.read(PREFIX_OWNER + conversationId, 0, 1);
    return entry === undefined ? null : (JSON.parse(decodeEntry(entry).text) as Owner);
  }

  /**
   * The conversation of a signed visitor. `anonymous` is a conversation whose token the visitor has proven: it becomes the
   * visitor's conversation if there was none, else its entries are copied into the one there is (`merged`). Both may be
   * done again after a crash with the same result.
   */
  async signIn(
    scope: Scope,
    sub: string,
    anonymous: string | null,
  ): Promise<{ readonly conversation: string; readonly merged: boolean }> {
    const user = opaqueKey('chat-user', scope.tenant, scope.accountId, sub);
    const claimable = anonymous !== null && (await this.claimable(anonymous, user));
    const conversation = await this.homeOf(user, claimable ? anonymous : firstConversationOf(scope, signedId(sub)));
    if (!claimable) return { conversation, merged: false };
    await this.once(PREFIX_OWNER + anonymous, { user, conversation });
    if (conversation === anonymous) return { conversation, merged: false };
    await this.copy(anonymous, conversation);
    return { conversation, merged: true };
  }

  /**
   * A reply to a joined conversation belongs into the one it was joined to as well. The owner is written before the entries
   * are copied and replies ask for it after their append, so a reply is either copied or sent on.
   */
  async movedTo(conversationId: string): Promise<string | null> {
    const owner = await this.ownerOf(conversationId);
    return owner === null || owner.conversation === conversationId ? null : owner.conversation;
  }

  /** The conversation that an entry of the directory says has an owner now. */
  claimedBy(logId: string): string | null {
    return logId.startsWith(PREFIX_OWNER) ? logId.slice(PREFIX_OWNER.length) : null;
  }

  private async claimable(anonymous: string, user: string): Promise<boolean> {
    const owner = await this.ownerOf(anonymous);
    return owner === null || owner.user === user;
  }

  private async homeOf(user: string, candidate: string): Promise<string> {
    const [known] = await this.log.read(PREFIX_HOME + user, 0, 1);
    if (known !== undefined) return JSON.parse(decodeEntry(known).text) as string;
    return JSON.parse(await this.once(PREFIX_HOME + user, candidate)) as string;
  }

  private async once(logId: string, value: unknown): Promise<string> {
    const payload = encodeEntry({ text: JSON.stringify(value), author: { kind: 'automatic', name: null } });
    const { entry } = await this.log.append(logId, { direction: 'outbound', entryId: 'first', payload });
    return decodeEntry(entry).text;
  }

  private async copy(from: string, to: string): Promise<void> {
    for (let seq = 0; ;) {
      const page = await this.log.read(from, seq, PAGE);
      for (const { direction, entryId, payload, at, seq: position } of page) {
        const decoded = decodeEntry({ payload, seq: position });
        const moved = encodeEntry({ ...decoded, written_at: decoded.written_at ?? at });
        await this.log.append(to, { direction, entryId, payload: moved });
        seq = position;
      }
      if (page.length < PAGE) return;
    }
  }
}
