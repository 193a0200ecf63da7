import { createHash } from 'node:crypto';
import {
  CONTRACTS,
  createCodec,
  FateV1,
  fieldsOf,
  type Attachment,
  type Codec,
  type InboundMessageV1,
} from '@fanin/contracts';
import { FaninError, messageOf } from '@fanin/kernel';
import type { ChannelInstance } from '../channel.js';
import { completeMessage } from '../complete-message.js';
import type { ChannelManifest } from '../manifest.js';
import type { Delivery, MessageDraft, Normalised } from '../normalise.js';
import { demand } from './demand.js';
import { deliveryOf, isNew, outcomeOf, type LoadedFixture } from './fixtures.js';
import { createRandom, mutate } from './fuzz.js';

/** Longest `rule` and `evidence` that a fate takes. */
const LIMITS = new Map(fieldsOf(FateV1).map((field) => [field.name, field.options.maxLength ?? Infinity]));

export interface NormaliseSubject {
  readonly instance: ChannelInstance;
  readonly manifest: ChannelManifest;
}

/** Twice the same, whatever is done to the input in between; and the input untouched. */
export async function checkPure(subject: NormaliseSubject, loaded: LoadedFixture): Promise<void> {
  const body = Buffer.from(loaded.body);
  const before = sha256(body);
  const first = await outcomeOf(subject.instance, deliveryOf(loaded, body));
  demand(
    sha256(body) === before,
    `normalise changed the bytes of fixtures/${loaded.file}: they are kept and read again`,
  );
  const second = await outcomeOf(subject.instance, deliveryOf(loaded, Buffer.from(loaded.body)));
  demand(
    JSON.stringify(first) === JSON.stringify(second),
    `normalise gave two results for fixtures/${loaded.file}: it may use no clock, no randomness and no memory of earlier calls`,
  );
}

/** Every draft of a fixture can travel: it keeps the limits of the contract. */
export async function checkFits(subject: NormaliseSubject, loaded: LoadedFixture): Promise<void> {
  const delivery = deliveryOf(loaded, loaded.body);
  let normalised: Normalised;
  try {
    normalised = await subject.instance.normalise(delivery);
  } catch (error) {
    if (error instanceof FaninError && error.code === 'BAD_PAYLOAD') return;
    throw error;
  }
  const problem = problemOf(normalised, delivery, subject.manifest, createCodec(CONTRACTS.inboundMessage));
  demand(problem === undefined, `fixtures/${loaded.file}: ${problem ?? ''}`);
}

/** Throws nothing but BAD_PAYLOAD, and makes nothing that cannot travel, whatever the bytes. */
export async function checkTotal(subject: NormaliseSubject, loaded: LoadedFixture, runs: number): Promise<void> {
  const codec = createCodec(CONTRACTS.inboundMessage);
  for (let run = 0; run < runs; run++) {
    const seed = run * 7919 + loaded.file.length;
    const body = mutate(loaded.body, createRandom(seed));
    const delivery = deliveryOf(loaded, body);
    try {
      const normalised = await subject.instance.normalise(delivery);
      const problem = problemOf(normalised, delivery, subject.manifest, codec);
      demand(
        problem === undefined,
        `normalise made of a damaged fixtures/${loaded.file} (seed ${seed}) what cannot travel: ${problem ?? ''}`,
      );
    } catch (error) {
      if (error instanceof FaninError && error.code === 'BAD_PAYLOAD') continue;
      if (error instanceof Error && error.name === 'Demand') throw error;
      const what = error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error);
      demand(
        false,
        `normalise threw on a damaged fixtures/${loaded.file} (seed ${seed}): ${what}. Throw FaninError BAD_PAYLOAD for what cannot be read`,
      );
    }
  }
}

/** Why a result cannot be put on the log; undefined when it can. */
function problemOf(
  normalised: Normalised,
  delivery: Delivery,
  manifest: ChannelManifest,
  codec: Codec<InboundMessageV1>,
): string | undefined {
  const { messages, ignored } = normalised;
  const others = [...(normalised.receipts ?? []), ...(normalised.rejected ?? [])];
  if (messages.length === 0 && ignored === undefined && others.length === 0)
    return 'normalise returned no message, no receipt and no `ignored` rule: every delivery must say what became of it';
  if (ignored !== undefined) {
    if (!/^[a-z][a-z0-9_]*$/.test(ignored.rule))
      return `the rule '${ignored.rule}' must be snake_case: it is a metric label`;
    if (ignored.evidence.length > (LIMITS.get('evidence') ?? Infinity)) return 'the evidence of `ignored` is too long';
  }
  for (const [part, draft] of messages.entries()) {
    try {
      const message = completeMessage(draft, {
        delivery,
        manifest,
        part,
        drafts: messages,
        attachments: draft.attachments.map(asReference),
        bodyRef: null,
      });
      codec.encode(message, { key: 'conformance', source: '/fanin/conformance' });
    } catch (error) {
      return `message ${part}: ${messageOf(error)}`;
    }
  }
  return undefined;
}

function asReference(attachment: MessageDraft['attachments'][number]): Attachment {
  if ('ref' in attachment) {
    const { ref, ...rest } = attachment;
    return { ...rest, key: 'conformance/attachment', size: 0, sha256: sha256(Buffer.from(ref)) };
  }
  if (!isNew(attachment)) return attachment;
  const { content, ...rest } = attachment;
  return { ...rest, key: 'conformance/attachment', size: content.length, sha256: sha256(content) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
