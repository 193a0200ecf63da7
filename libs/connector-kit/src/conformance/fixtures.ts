import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaninError } from '@fanin/kernel';
import type { ChannelInstance } from '../channel.js';
import type { Delivery, MessageDraft, NewAttachment, Normalised } from '../normalise.js';

/** A file of `fixtures/`: a delivery as the provider makes it, and what `normalise` must make of it. */
export interface Fixture {
  readonly name: string;
  /** True when it carries a message of our own that came back: it must be ignored or marked. */
  readonly own?: boolean;
  readonly delivery: {
    readonly content_type: string;
    readonly meta: Readonly<Record<string, string>>;
    readonly received_at?: string;
    /** One of the three: text, base64, or a file beside this one. */
    readonly body?: string;
    readonly body_base64?: string;
    readonly body_file?: string;
  };
  readonly expected?: Expected;
}

/** Attachments that carry bytes are written down by size and hash. */
export interface Expected {
  readonly messages?: readonly unknown[];
  readonly receipts?: readonly unknown[];
  readonly rejected?: readonly unknown[];
  readonly consents?: readonly unknown[];
  readonly ignored?: { readonly rule: string; readonly evidence: string };
  readonly error?: 'BAD_PAYLOAD';
}

export interface LoadedFixture {
  readonly file: string;
  readonly path: string;
  readonly fixture: Fixture;
  readonly body: Buffer;
}

/** Throws with the name of the file when one cannot be read. */
export function loadFixtures(folder: string): readonly LoadedFixture[] {
  const fixtures = join(folder, 'fixtures');
  if (!existsSync(fixtures)) return [];
  return readdirSync(fixtures)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((file) => load(fixtures, file));
}

function load(fixtures: string, file: string): LoadedFixture {
  const path = join(fixtures, file);
  let fixture: Fixture;
  try {
    fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
  } catch (error) {
    throw new Error(`fixtures/${file} is not JSON: ${(error as Error).message}`);
  }
  const delivery = fixture.delivery as Fixture['delivery'] | undefined;
  if (typeof fixture.name !== 'string' || delivery === undefined || typeof delivery.content_type !== 'string')
    throw new Error(`fixtures/${file} needs {"name", "delivery": {"content_type", "meta", "body"}, "expected"}`);
  return { file, path, fixture, body: bodyOf(fixtures, file, delivery) };
}

function bodyOf(fixtures: string, file: string, delivery: Fixture['delivery']): Buffer {
  if (delivery.body !== undefined) return Buffer.from(delivery.body, 'utf8');
  if (delivery.body_base64 !== undefined) return Buffer.from(delivery.body_base64, 'base64');
  if (delivery.body_file !== undefined) return readFileSync(join(fixtures, delivery.body_file));
  throw new Error(`fixtures/${file}: its delivery needs one of body (text), body_base64, body_file (a file beside it)`);
}

/** The delivery of a fixture, frozen as far as JavaScript can freeze it. */
export function deliveryOf({ fixture, file }: LoadedFixture, body: Buffer): Delivery {
  return Object.freeze({
    deliveryId: `fixture-${file}`,
    tenant: 'default',
    accountId: 'account-1',
    receivedAt: fixture.delivery.received_at ?? '2026-11-21T08:15:30.120Z',
    contentType: fixture.delivery.content_type,
    meta: Object.freeze({ ...fixture.delivery.meta }),
    body,
  });
}

/** What `normalise` makes of a delivery, in the form in which fixtures write it down. Throws what is not BAD_PAYLOAD. */
export async function outcomeOf(instance: ChannelInstance, delivery: Delivery): Promise<Expected> {
  let normalised: Normalised;
  try {
    normalised = await instance.normalise(delivery);
  } catch (error) {
    if (error instanceof FaninError && error.code === 'BAD_PAYLOAD') return { error: 'BAD_PAYLOAD' };
    throw error;
  }
  return plain({
    messages: normalised.messages.map(writtenDown),
    ...(normalised.receipts === undefined || normalised.receipts.length === 0 ? {} : { receipts: normalised.receipts }),
    ...(normalised.rejected === undefined || normalised.rejected.length === 0 ? {} : { rejected: normalised.rejected }),
    ...(normalised.consents === undefined || normalised.consents.length === 0 ? {} : { consents: normalised.consents }),
    ...(normalised.ignored === undefined ? {} : { ignored: normalised.ignored }),
  });
}

function writtenDown(draft: MessageDraft): unknown {
  return {
    ...draft,
    attachments: draft.attachments.map((attachment) => {
      if (!isNew(attachment)) return attachment;
      const { content, ...rest } = attachment;
      return { ...rest, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
    }),
  };
}

export function isNew(attachment: MessageDraft['attachments'][number]): attachment is NewAttachment {
  return 'content' in attachment;
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Rewrites the expectation of a fixture to what came out; a person reads the diff. */
export function updateFixture(loaded: LoadedFixture, expected: Expected): void {
  writeFileSync(loaded.path, `${JSON.stringify({ ...loaded.fixture, expected }, null, 2)}\n`);
}
