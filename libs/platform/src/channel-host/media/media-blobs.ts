import { createHash } from 'node:crypto';
import type { BlobStore, FetchedMedia, RemoteAttachment } from '@fanin/connector-kit';
import type { Attachment } from '@fanin/contracts';
import { codeOf, opaqueKey } from '@fanin/kernel';

interface Owner {
  readonly id: string;
  readonly tenant: string;
}

/** What is known of kept bytes without reading them; lies beside them. */
type Note = Pick<Attachment, 'size' | 'sha256' | 'content_type'>;

/** Fetched attachments in the object store, found by what the delivery calls them: a replay does not fetch again. */
export class MediaBlobs {
  constructor(private readonly blobs: BlobStore) {}

  /** Undefined when it was never fetched. TRANSIENT when the store is away. */
  async find(account: Owner, remote: RemoteAttachment): Promise<Attachment | undefined> {
    const key = keyOf(account, remote);
    try {
      const note = JSON.parse((await this.blobs.get(`${key}.json`)).toString('utf8')) as Note;
      return attachmentOf(remote, key, note);
    } catch (error) {
      if (codeOf(error) === 'BAD_PAYLOAD') return undefined;
      throw error;
    }
  }

  async keep(account: Owner, remote: RemoteAttachment, media: FetchedMedia): Promise<Attachment> {
    const key = keyOf(account, remote);
    const { content } = media;
    const note: Note = {
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      content_type: media.contentType ?? remote.content_type,
    };
    await this.blobs.put(key, content);
    // The note last: where it is, the bytes are.
    await this.blobs.put(`${key}.json`, Buffer.from(JSON.stringify(note)));
    return attachmentOf(remote, key, note);
  }
}

function keyOf(account: Owner, { ref }: RemoteAttachment): string {
  const hash = opaqueKey(account.tenant, account.id, ref);
  return `${account.tenant}/media/${hash.slice(0, 2)}/${hash}`;
}

function attachmentOf({ name, inline }: RemoteAttachment, key: string, note: Note): Attachment {
  const { size, sha256, content_type } = note;
  return { key, size, sha256, name, content_type, inline };
}
