import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { CapturedDelivery, Emit } from '@fanin/connector-kit';
import {
  CONTRACTS,
  createCodec,
  INLINE_BODY_LIMIT_BYTES,
  topicName,
  TOPICS,
  type EncodedRecord,
  type RawDeliveryV1,
} from '@fanin/contracts';
import { codeOf, FaninError, isoTime, messageOf, opaqueKey, uuidv7, type ErrorCode } from '@fanin/kernel';
import { labelsOf, type HostedAccount } from '../hosted-account.js';
import type { HostParts } from '../host-settings.js';
import { HOST_META_PREFIX } from '../media/late-attachment.js';
import { within } from '../within.js';

/** CloudEvents extension by which a connector passes over deliveries of other channels without decoding them. */
export const CHANNEL_HEADER = 'ce_channelslug';

const BLOB_TIMEOUT_MS = 10_000;

type EmittingAccount = Omit<HostedAccount, 'instance'>;

interface Made {
  readonly id: string;
  readonly account: EmittingAccount;
  readonly record: EncodedRecord;
}

export interface EmitOptions {
  /** Finds other accounts of this process. */
  readonly accountOf?: (id: string) => EmittingAccount | undefined;
  /** The host's own deliveries may carry its marks. */
  readonly byHost?: boolean;
}

/** The way of every delivery into the log; see `Emit`. */
export function createEmit(receiver: EmittingAccount, parts: HostParts, options: EmitOptions = {}): Emit {
  const codec = createCodec(CONTRACTS.rawDelivery);
  const topic = topicName(TOPICS.rawDeliveries, parts.topicPrefix);
  const source = `/fanin/${parts.service}`;

  function ownerOf({ accountId }: CapturedDelivery): EmittingAccount {
    if (accountId === undefined || accountId === receiver.id) return receiver;
    const owner = options.accountOf?.(accountId);
    if (owner === undefined || owner.manifest.slug !== receiver.manifest.slug)
      throw new FaninError('BUG', `there is no account "${accountId}" of ${receiver.manifest.slug} in this service`);
    return owner;
  }

  async function recordOf(delivery: CapturedDelivery, account: EmittingAccount): Promise<Made> {
    const meta = options.byHost === true ? delivery.meta : withoutMarks(delivery.meta);
    const value = await rawDeliveryOf(delivery, meta, account, parts);
    const key = delivery.orderKey === undefined ? opaqueKey(account.id) : opaqueKey(account.id, delivery.orderKey);
    const extensions = { [CHANNEL_HEADER]: account.manifest.slug };
    return { id: value.delivery_id, account, record: codec.encode(value, { key, source, extensions }) };
  }

  function measure(made: readonly Made[]): void {
    for (const account of new Set(made.map((each) => each.account))) {
      const labels = labelsOf(account);
      const count = made.filter((each) => each.account === account).length;
      parts.metrics.count('fanin_channel_captured_total', labels, count);
      parts.metrics.gauge('fanin_channel_last_event_timestamp_seconds', labels, parts.clock.now() / 1000);
    }
  }

  return async (deliveries) => {
    if (deliveries.length === 0) return [];
    try {
      const owned = deliveries.map((delivery) => [delivery, ownerOf(delivery)] as const);
      const making = Promise.all(owned.map((each) => recordOf(...each)));
      // Only what goes to the object store can take time.
      const made = await (deliveries.some(isLarge) ? within(making, BLOB_TIMEOUT_MS) : making);
      const records = made.map(({ record }) => record);
      await within(
        parts.bus.publish(topic, records, { timeoutMs: parts.timings.emitTimeoutMs }),
        parts.timings.emitTimeoutMs + 100,
      );
      measure(made);
      return made.map(({ id }) => id);
    } catch (error) {
      parts.metrics.count('fanin_channel_refused_total', { ...labelsOf(receiver), reason: 'log' }, deliveries.length);
      throw refusal(error);
    }
  };
}

/** Whatever goes wrong between us and the log, the provider must come again; only what can never be written is told apart. */
function refusal(error: unknown): FaninError {
  const kept: readonly ErrorCode[] = ['BAD_PAYLOAD', 'CONFIG', 'TRANSIENT', 'BUG'];
  if (error instanceof FaninError && kept.includes(codeOf(error))) return error;
  if (error instanceof TypeError)
    return new FaninError('BUG', `the channel made a delivery that cannot be written: ${error.message}`, {
      cause: error,
    });
  return new FaninError('TRANSIENT', `the log cannot be reached: ${messageOf(error)}`, { cause: error });
}

function withoutMarks(meta: CapturedDelivery['meta']): CapturedDelivery['meta'] {
  const isMark = (name: string): boolean => name.startsWith(HOST_META_PREFIX);
  // Nearly none has any.
  if (!Object.keys(meta).some(isMark)) return meta;
  return Object.fromEntries(Object.entries(meta).filter(([name]) => !isMark(name)));
}

function isLarge({ body }: CapturedDelivery): boolean {
  return body.length > INLINE_BODY_LIMIT_BYTES;
}

async function rawDeliveryOf(
  delivery: CapturedDelivery,
  meta: CapturedDelivery['meta'],
  account: EmittingAccount,
  parts: HostParts,
): Promise<RawDeliveryV1> {
  const { body } = delivery;
  const now = parts.clock.now();
  const id = uuidv7(now);
  const sha256 = hash('sha256', body, 'hex');
  const byReference = isLarge(delivery);
  const encoding = isUtf8(body) ? 'utf8' : 'base64';
  const at = isoTime(now);
  const key = byReference ? `${account.tenant}/raw/${at.slice(0, 10).replaceAll('-', '/')}/${id}` : '';
  if (byReference) await putFast(key, body, parts);
  return {
    delivery_id: id,
    tenant: account.tenant,
    account_id: account.id,
    channel: account.manifest.family,
    channel_slug: account.manifest.slug,
    received_at: at,
    content_type: delivery.contentType,
    meta: { ...meta },
    body_encoding: encoding,
    body: byReference ? null : body.toString(encoding),
    body_ref: byReference ? { key, size: body.length, sha256 } : null,
    body_size: body.length,
    body_sha256: sha256,
  };
}

/** A large body takes its time, but nobody waits for it when the log is down anyhow. */
async function putFast(key: string, body: Buffer, parts: HostParts): Promise<void> {
  const { bus, blobs, timings } = parts;
  const stored = blobs.put(key, body);
  stored.catch(() => undefined);
  if (!(await bus.reachable(timings.emitTimeoutMs))) throw new FaninError('TRANSIENT', 'the log does not answer');
  await stored;
}
