import {
  createSettler,
  deadLetterTopicOf,
  deadLettered,
  handled,
  type BatchHandler,
  type BusRecord,
  type DeadLetter,
  type HandlerResult,
  type OutgoingRecord,
  type Received,
} from '@fanin/bus';
import {
  createCodecs,
  topicName,
  TOPICS,
  type Codecs,
  type EncodedRecord,
  type FateV1,
  type RawDeliveryV1,
} from '@fanin/contracts';
import { codeOf, ERROR_TRAITS, FaninError, messageOf, opaqueKey } from '@fanin/kernel';
import { CHANNEL_HEADER } from '../capture/emit.js';
import type { HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { Consents } from '../consents/consents.js';
import { MediaBudget, MediaIntake } from '../media/media-intake.js';
import { ReceiptResolver } from '../receipts/receipt-resolver.js';
import { fateOf } from './fates.js';
import { letterOf, ofPart, redrivenPart } from './letters.js';
import { normaliseDelivery, NOTHING, type Products, type ReadTools } from './normalise-delivery.js';
import { sideBySide } from './side-by-side.js';

export interface NormaliserOptions {
  readonly parts: HostParts;
  /** Slugs that this service reads; deliveries of others are some other service's. */
  readonly slugs: ReadonlySet<string>;
  readonly accountOf: (id: string) => HostedAccount | undefined;
  readonly group: string;
}

const PUBLISH_TIMEOUT_MS = 10_000;
/**
 * While others are busy and we are not, their deliveries are passed over in larger batches: each costs a fetch and a commit.
 * The first of ours after that waits so much longer. A batch that is large already means that we are behind.
 */
const MANY_FOREIGN = 20;
const LARGE = 100;
const FOREIGN_LINGER_MS = 100;

/** Handler of inbound.raw: reads a batch, then publishes all it became, in the order of the log. */
export function createNormaliser(options: NormaliserOptions): BatchHandler {
  const normaliser = new Normaliser(options);
  const { parts, group, slugs } = options;
  const settle = createSettler({
    codec: normaliser.codecs.rawDelivery,
    group,
    ...parts,
    handleBatch: (received) => normaliser.handle(received),
    onDeadLettered: (record, letter) => normaliser.afterDeadLetter(record, letter),
  });
  let foreignInARow = 0;
  return async (batch, context) => {
    const records = batch.records.filter(
      ({ headers }) => headers[CHANNEL_HEADER] === undefined || slugs.has(headers[CHANNEL_HEADER]),
    );
    foreignInARow = records.length > 0 ? 0 : foreignInARow + 1;
    if (records.length > 0) await settle({ ...batch, records }, context);
    else if (foreignInARow >= MANY_FOREIGN && batch.records.length < LARGE)
      await parts.clock.sleep(FOREIGN_LINGER_MS, context.signal);
  };
}

interface Encoded {
  readonly made: Products;
  readonly letters: readonly OutgoingRecord[];
  readonly messages: readonly EncodedRecord[];
  readonly receipts: readonly EncodedRecord[];
  readonly fates: readonly EncodedRecord[];
}

class Normaliser {
  readonly codecs: Codecs = createCodecs();
  private readonly source: string;
  private readonly tools: ReadTools;

  constructor(private readonly options: NormaliserOptions) {
    const { parts } = options;
    this.source = `/fanin/${parts.service}`;
    this.tools = {
      parts,
      receipts: new ReceiptResolver(parts),
      consents: new Consents(parts),
      media: new MediaIntake(parts),
    };
  }

  async handle(received: readonly Received<RawDeliveryV1>[]): Promise<readonly HandlerResult[]> {
    const results: HandlerResult[] = received.map(() => handled());
    const products: (Encoded | undefined)[] = received.map(() => undefined);
    const { parts, accountOf, slugs } = this.options;
    const budget = new MediaBudget(parts.clock, parts.timings.mediaBudgetMs);
    await sideBySide(received, async ({ value: raw, record }, index) => {
      if (!slugs.has(raw.channel_slug)) return;
      try {
        const made = await normaliseDelivery(raw, accountOf(raw.account_id), this.tools, budget);
        products[index] = this.encode(ofPart(made, redrivenPart(record)), record);
      } catch (error) {
        results[index] = resultOf(error);
      }
    });
    await this.publish(products.filter((made) => made !== undefined));
    parts.crashPoints.at('normalise.published');
    this.measure(received, products);
    return results;
  }

  /** Called when the dead letter is durable: the ledger learns where the delivery ended. */
  async afterDeadLetter(record: BusRecord, letter: DeadLetter): Promise<void> {
    this.options.parts.crashPoints.at('dead-letter.appended');
    const decoded = this.codecs.rawDelivery.decode(record);
    const raw = decoded.ok ? decoded.value : this.guessed(record);
    if (raw === undefined) return;
    const fate = fateOf(
      raw,
      { fate: 'dead_lettered', rule: letter.code, evidence: letter.reason },
      this.options.parts,
      placeOf(record),
    );
    await this.publish([this.encode({ ...NOTHING, fates: [fate] })]);
    this.countFate(fate, this.options.accountOf(raw.account_id)?.manifest.slug ?? 'unknown');
  }

  /** Of a record that cannot be read, the CloudEvents headers still say whose it was. */
  private guessed(
    record: BusRecord,
  ): Pick<RawDeliveryV1, 'delivery_id' | 'tenant' | 'account_id' | 'channel'> | undefined {
    const account = this.options.accountOf(record.headers['ce_subject'] ?? '');
    const id = record.headers['ce_id'];
    if (account === undefined || id === undefined) return undefined;
    return { delivery_id: id, tenant: account.tenant, account_id: account.id, channel: account.manifest.family };
  }

  private encode(made: Products, record?: BusRecord): Encoded {
    const { inboundMessage, outboundReceipt, fate } = this.codecs;
    const { source } = this;
    const { parts, group } = this.options;
    return {
      made,
      letters: record === undefined ? [] : made.letters.map((letter) => letterOf(record, letter, group, parts)),
      messages: made.messages.map((value) =>
        inboundMessage.encode(value, { key: opaqueKey(value.conversation_key), source }),
      ),
      receipts: made.receipts.map((value) => outboundReceipt.encode(value, { key: value.outbound_id, source })),
      fates: made.fates.map((value) => fate.encode(value, { key: value.delivery_id, source })),
    };
  }

  private async publish(encoded: readonly Encoded[]): Promise<void> {
    await Promise.all([
      this.send(
        TOPICS.inboundMessages,
        encoded.flatMap(({ messages }) => messages),
      ),
      this.send(
        TOPICS.outboundReceipts,
        encoded.flatMap(({ receipts }) => receipts),
      ),
      this.send(
        TOPICS.fates,
        encoded.flatMap(({ fates }) => fates),
      ),
    ]);
    // Last: when one of the others could not be written, all comes again.
    await this.setAside(encoded.flatMap(({ letters }) => letters));
  }

  private async setAside(letters: readonly OutgoingRecord[]): Promise<void> {
    const { bus, topicPrefix, metrics, logger, group } = { ...this.options.parts, ...this.options };
    if (letters.length === 0) return;
    const topic = topicName(TOPICS.rawDeliveries, topicPrefix);
    await bus.publish(deadLetterTopicOf(topic), letters, { timeoutMs: PUBLISH_TIMEOUT_MS });
    logger.error('entries of deliveries are dead-lettered', { group, topic, count: letters.length });
    metrics.count('fanin_bus_records_total', { group, topic, outcome: 'dead_letter', reason: 'entry' }, letters.length);
  }

  private async send(topic: (typeof TOPICS)[keyof typeof TOPICS], records: readonly EncodedRecord[]): Promise<void> {
    const { bus, topicPrefix, crashPoints } = this.options.parts;
    if (records.length === 0) return;
    await bus.publish(topicName(topic, topicPrefix), records, { timeoutMs: PUBLISH_TIMEOUT_MS });
    crashPoints.at('normalise.half-published');
  }

  private measure(received: readonly Received<RawDeliveryV1>[], products: readonly (Encoded | undefined)[]): void {
    const { metrics } = this.options.parts;
    for (const [index, { value: raw }] of received.entries()) {
      const made = products[index]?.made;
      if (made === undefined) continue;
      const labels = { channel: raw.channel, channel_slug: raw.channel_slug };
      metrics.count('fanin_channel_normalised_total', labels);
      for (const fate of made.fates) this.countFate(fate, raw.channel_slug);
      for (const { provider_time: time } of made.messages) {
        const age = time === null ? undefined : (Date.parse(raw.received_at) - Date.parse(time)) / 1000;
        if (age !== undefined) metrics.observe('fanin_channel_provider_age_seconds', labels, Math.max(0, age));
      }
    }
  }

  private countFate(fate: FateV1, slug: string): void {
    this.options.parts.metrics.count('fanin_channel_fates_total', {
      channel: fate.channel,
      channel_slug: slug,
      fate: fate.fate,
      rule: fate.rule ?? '',
    });
  }
}

/** A retriable code is the environment's and goes up; an unknown throw too, so that the settler finds the one that made it. */
function resultOf(error: unknown): HandlerResult {
  // Our own codec refused what the channel made: it would refuse it again.
  if (error instanceof TypeError && / cannot be sent: /.test(error.message)) return deadLettered('BUG', error.message);
  if (!(error instanceof FaninError) || ERROR_TRAITS[codeOf(error)].retriable) throw error;
  // CONFIG would stop the service; here it is one delivery that says so.
  return deadLettered(codeOf(error), messageOf(error));
}

/** A delivery that was put back for one of its entries fails in the name of that entry: its neighbours have their fates. */
function placeOf(record: BusRecord): { readonly part: number; readonly parts: number } {
  const part = redrivenPart(record) ?? 0;
  return { part, parts: part + 1 };
}
