import { ControlError } from '@fanin/simulators/core';
import type { Account, Blob, Person, StoredAttachment } from '../model.js';
import { sampleOf } from '../samples.js';
import type { Stage } from '../stage.js';
import type { AttachmentInput, FileInput, PersonInput } from './bodies.js';

export function timeOf(stage: Stage, at: number | string | undefined): number {
  if (at === undefined) return stage.world.now();
  const time = typeof at === 'number' ? at : Date.parse(at);
  if (Number.isFinite(time)) return Math.round(time);
  throw new ControlError(`"at" is epoch milliseconds or ISO 8601 (2026-11-22T09:30:00Z), not ${String(at)}`);
}

export function personOf(stage: Stage, account: Account, from: string | PersonInput | undefined): Person {
  return stage.world.meet(account, typeof from === 'string' ? { id: from } : (from ?? {}));
}

export function blobOf(stage: Stage, account: Account, type: string, file: FileInput, lifeDays: number): Blob {
  const sample = sampleOf(type);
  const filename = file.filename ?? sample.filename;
  const mime = file.mime ?? sample.mime;
  const bytes = file.base64 === undefined ? sample.bytes : Buffer.from(file.base64, 'base64');
  return stage.world.addBlob(account, { bytes, mime, filename }, lifeDays);
}

export function attachmentOf(stage: Stage, account: Account, input: AttachmentInput): StoredAttachment {
  const { type, url, title } = input;
  const titled = title === undefined ? {} : { title };
  if (url !== undefined || type === 'fallback')
    return { type, url: url ?? 'https://shop.example/tents/ridge-2', ...titled };
  const blob = blobOf(stage, account, type, input, 365);
  return {
    type,
    blobId: blob.id,
    mime: blob.mime,
    ...titled,
    ...(blob.filename === undefined ? {} : { filename: blob.filename }),
  };
}

/** The same attachments with the address that is good now. */
export function linkedAttachments(stage: Stage, attachments: readonly StoredAttachment[]): StoredAttachment[] {
  return attachments.map((attachment) => {
    const blob = attachment.blobId === undefined ? undefined : stage.world.blobs.get(attachment.blobId);
    return blob === undefined ? attachment : { ...attachment, url: stage.links.cdn(blob) };
  });
}

export function needed<T>(value: T | undefined, name: string, kind: string): T {
  if (value === undefined) throw new ControlError(`"${kind}" needs "${name}"`);
  return value;
}
