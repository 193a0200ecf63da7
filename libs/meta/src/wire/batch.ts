import type { Normalised } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { Collected, ignored, type Part } from './collected.js';
import { idAt, isObject, listAt, textAt, type Json } from './json.js';

/** The outer object of every webhook of Meta's. BAD_PAYLOAD when it is none. */
export function readEnvelope(body: Buffer): Json {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new FaninError('BAD_PAYLOAD', 'the body is not JSON');
  }
  if (!isObject(value) || !Array.isArray(value['entry']))
    throw new FaninError('BAD_PAYLOAD', 'the body is no object with an entry list');
  return value;
}

export interface BatchReader {
  /** What `object` must say: page, instagram, whatsapp_business_account. */
  readonly object: string;
  /** Whose entries are read; those of others are named `unknown_page`. All are read when absent. */
  readonly entryId?: string;
  /** Hands each update of an entry to `take`; each is judged by itself. */
  readonly entry: (entry: Json, take: (read: () => Part) => void) => void;
}

/** Reads a delivery of up to 1,000 updates. Pure. */
export function normaliseBatch(body: Buffer, reader: BatchReader): Normalised {
  const envelope = readEnvelope(body);
  const collected = new Collected();
  const object = textAt(envelope, 'object') ?? '';
  for (const entry of listAt(envelope, 'entry')) {
    collected.take(() => {
      if (object !== reader.object) return ignored('other_object', `object ${object}`);
      if (!isObject(entry)) throw new FaninError('BAD_PAYLOAD', 'an entry is no object');
      const id = idAt(entry, 'id');
      if (reader.entryId !== undefined && id !== reader.entryId) return ignored('unknown_page', `entry of ${id}`);
      let updates = 0;
      reader.entry(entry, (read) => {
        updates += 1;
        collected.take(read);
      });
      return updates === 0 ? ignored('empty_entry', Object.keys(entry).join(', ')) : {};
    });
  }
  return collected.normalised();
}

/** The objects under `name`, each for `read`; what is no object is rejected by itself. */
export function eachUpdate(
  entry: Json,
  name: string,
  take: (read: () => Part) => void,
  read: (update: Json) => Part,
): void {
  for (const update of listAt(entry, name)) {
    take(() => {
      if (!isObject(update)) throw new FaninError('BAD_PAYLOAD', `an update in ${name} is no object`);
      return read(update);
    });
  }
}
