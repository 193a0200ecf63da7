import { attachmentFailed, invalidParameter } from '../errors.js';
import type { Account, Blob, SentMessage, StoredAttachment } from '../model.js';
import type { Stage } from '../stage.js';
import type { GraphCallContext } from './request.js';
import { objectParam } from './request.js';

const TYPES = ['image', 'audio', 'video', 'file', 'template'];
const FETCH_TIMEOUT_MS = 10_000;

/** An attachment of ours: how the conversation keeps it and how `sent()` shows it. */
export interface Attached {
  stored: StoredAttachment;
  shown: NonNullable<SentMessage['attachments']>[number];
}

/** `{type, payload: {url | attachment_id}}`, or the uploaded `filedata`. */
export async function readAttachment(
  stage: Stage,
  call: GraphCallContext,
  account: Account,
  value: unknown,
): Promise<Attached> {
  const { type, payload } = (typeof value === 'object' && value !== null ? value : {}) as {
    type?: unknown;
    payload?: unknown;
  };
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw invalidParameter(`Param message[attachment][type] must be one of {${TYPES.join(', ')}}`);
  const { url, attachment_id: id } = (payload ?? {}) as { url?: unknown; attachment_id?: unknown };
  if (type === 'template') return { stored: { type }, shown: { type } };
  if (typeof id === 'string' || typeof id === 'number') return fromUpload(stage, account, type, String(id));
  if (typeof url === 'string') return fromUrl(stage, account, type, url);
  if (call.file === undefined) throw attachmentFailed();
  const blob = stage.world.addBlob(account, call.file, 90);
  return { stored: storedOf(type, blob), shown: { type, filename: call.file.filename, bytes: call.file.bytes.length } };
}

function storedOf(type: string, blob: Blob): StoredAttachment {
  return {
    type,
    blobId: blob.id,
    mime: blob.mime,
    ...(blob.filename === undefined ? {} : { filename: blob.filename }),
  };
}

function fromUpload(stage: Stage, account: Account, type: string, id: string): Attached {
  const blob = stage.world.blobs.get(id);
  if (blob?.accountId !== account.id) throw invalidParameter('Invalid attachment id', 2018074);
  const name = blob.filename === undefined ? {} : { filename: blob.filename };
  return { stored: storedOf(type, blob), shown: { type, attachment_id: id, bytes: blob.bytes.length, ...name } };
}

/** Meta fetches the file from our side; the simulator does so when the address is on this machine. */
async function fromUrl(stage: Stage, account: Account, type: string, url: string): Promise<Attached> {
  if (!URL.canParse(url)) throw attachmentFailed();
  if (!isLoopback(new URL(url).hostname)) return { stored: { type, url }, shown: { type, url } };
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) }).catch(() => undefined);
  if (answer?.ok !== true) {
    await answer?.body?.cancel();
    throw attachmentFailed();
  }
  const bytes = Buffer.from(await answer.arrayBuffer());
  const mime = answer.headers.get('content-type') ?? 'application/octet-stream';
  const filename = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '') || 'file';
  const blob = stage.world.addBlob(account, { bytes, mime, filename }, 90);
  return { stored: storedOf(type, blob), shown: { type, url, bytes: bytes.length } };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** POST /{page-id}/message_attachments: a file to be sent by its id later. */
export async function uploadAttachment(stage: Stage, call: GraphCallContext, account: Account): Promise<unknown> {
  const message = objectParam(call, 'message');
  const attached = await readAttachment(stage, call, account, message?.['attachment']);
  const id =
    attached.stored.blobId ??
    stage.world.addBlob(account, { bytes: Buffer.alloc(0), mime: 'application/octet-stream' }, 90).id;
  return { attachment_id: id };
}
