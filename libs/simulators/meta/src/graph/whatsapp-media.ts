import { createHash } from 'node:crypto';
import { invalidParameter, requiredParameter, unknownNode } from '../errors.js';
import type { Account, Blob } from '../model.js';
import type { Stage } from '../stage.js';
import { textParam } from './request.js';
import type { GraphCallContext } from './request.js';

/** Uploaded media live this long (the vendor's media page). */
const UPLOAD_DAYS = 30;
const LARGEST_BYTES = 100 * 1024 * 1024;

/** POST /{phone-number-id}/media (multipart: messaging_product, type, file). */
export function uploadMedia(stage: Stage, call: GraphCallContext, account: Account): unknown {
  if (textParam(call, 'messaging_product') !== 'whatsapp') throw requiredParameter('messaging_product');
  if (call.file === undefined) throw requiredParameter('file');
  if (call.file.bytes.length === 0 || call.file.bytes.length > LARGEST_BYTES)
    throw invalidParameter('Param file is empty or too large');
  const mime = textParam(call, 'type') ?? call.file.mime;
  return { id: stage.world.addBlob(account, { ...call.file, mime }, UPLOAD_DAYS).id };
}

/** The media, if the token reaches its number and it has not expired. */
export function mediaOf(stage: Stage, call: GraphCallContext, id: string): Blob | undefined {
  const blob = stage.world.blobs.get(id);
  if (blob === undefined || call.user?.accountIds.has(blob.accountId) !== true) return undefined;
  if (stage.registry.account(blob.accountId).kind !== 'phone' || blob.expiresAt <= stage.world.now()) return undefined;
  return blob;
}

/** GET /{media-id}: a fresh link each time. `phone_number_id`, where given, must be the media's. */
export function readMedia(stage: Stage, call: GraphCallContext, blob: Blob): unknown {
  const phone = textParam(call, 'phone_number_id');
  if (phone !== undefined && phone !== blob.accountId) throw unknownNode(call.method, blob.id);
  return {
    url: stage.links.media(blob),
    mime_type: blob.mime,
    sha256: createHash('sha256').update(blob.bytes).digest('hex'),
    file_size: blob.bytes.length,
    id: blob.id,
    messaging_product: 'whatsapp',
  };
}

export function deleteMedia(stage: Stage, blob: Blob): unknown {
  stage.world.blobs.delete(blob.id);
  return { success: true };
}
