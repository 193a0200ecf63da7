import type { ReceiptDraft } from '@fanin/connector-kit';
import { CONTRACTS, createCodec, topicName, TOPICS, type OutboundReceiptV1 } from '@fanin/contracts';
import { FaninError } from '@fanin/kernel';
import type { PoolClient } from 'pg';
import type { HostParts } from '../host-settings.js';
import {
  keepProviderNews,
  lockNews,
  moveWatermark,
  providerIdSubject,
  repliesByProviderId,
  repliesUpTo,
  watermarkSubject,
  type Owner,
} from './receipt-rows.js';

type ById = ReceiptDraft & { readonly provider_message_id: string };
type ByMark = ReceiptDraft & { readonly watermark: NonNullable<ReceiptDraft['watermark']> };

/** Finds the replies that news are about, and keeps the news that came too early. */
export class ReceiptResolver {
  private readonly codec = createCodec(CONTRACTS.outboundReceipt);
  private readonly topic: string;

  constructor(private readonly parts: HostParts) {
    this.topic = topicName(TOPICS.outboundReceipts, parts.topicPrefix);
  }

  /**
   * Answers the receipts to be published; what it keeps, or finds while it keeps, is durable when it resolves. The same
   * drafts again do no harm. Throws TRANSIENT when the database is away.
   */
  async resolve(account: Owner, drafts: readonly ReceiptDraft[]): Promise<readonly OutboundReceiptV1[]> {
    const own = drafts.filter(({ outbound_id: id }) => id !== null);
    const byMark = drafts.filter(
      (draft): draft is ByMark => draft.outbound_id === null && draft.watermark !== undefined,
    );
    const byId = drafts.filter(
      (draft): draft is ById =>
        draft.outbound_id === null && draft.watermark === undefined && draft.provider_message_id !== null,
    );
    if (own.length + byMark.length + byId.length < drafts.length)
      throw new FaninError('BUG', 'a receipt names no message: neither our id, nor the provider’s, nor a watermark');
    const receipts = own.map((draft) => receiptOf(account, draft.outbound_id ?? '', draft.provider_message_id, draft));
    const { found, unknown } = await this.find(account, byId);
    if (unknown.length > 0 || byMark.length > 0)
      await this.parts.database.transaction(account.tenant, (client) => this.keep(client, account, unknown, byMark));
    return [...receipts, ...found];
  }

  private async find(
    account: Owner,
    drafts: readonly ById[],
  ): Promise<{ readonly found: readonly OutboundReceiptV1[]; readonly unknown: readonly ById[] }> {
    if (drafts.length === 0) return { found: [], unknown: [] };
    return this.parts.database.transaction(account.tenant, (client) => lookUp(client, account, drafts));
  }

  /** Under the lock: a reply that ends at the same time either sees what is kept here, or is seen. */
  private async keep(
    client: PoolClient,
    account: Owner,
    unknown: readonly ById[],
    marks: readonly ByMark[],
  ): Promise<void> {
    await lockNews(client, account.id, 'exclusive');
    const again = await lookUp(client, account, unknown);
    const receipts = [...again.found];
    if (again.unknown.length > 0)
      await keepProviderNews(
        client,
        account,
        again.unknown.map((draft) => ({
          subject: providerIdSubject(draft.provider_message_id),
          status: draft.status,
          code: draft.code,
          reason: draft.reason,
          at: draft.at,
        })),
      );
    for (const draft of marks) {
      const { conversation_key: conversation, up_to: upTo } = draft.watermark;
      const { status, code, reason, at } = draft;
      const subject = watermarkSubject(conversation);
      const after = await moveWatermark(client, account, { subject, upTo, status, code, reason, at });
      for (const reply of await repliesUpTo(client, account, conversation, { after, upTo }))
        receipts.push(receiptOf(account, reply.outbound_id, reply.provider_message_id, draft));
    }
    const source = `/fanin/${this.parts.service}`;
    const records = receipts.map((receipt) => this.codec.encode(receipt, { key: receipt.outbound_id, source }));
    // With what is kept in one transaction: a watermark that has moved is not looked at again.
    if (records.length > 0) await this.parts.outbox.add(client, this.topic, records);
  }
}

async function lookUp(
  client: PoolClient,
  account: Owner,
  drafts: readonly ById[],
): Promise<{ readonly found: readonly OutboundReceiptV1[]; readonly unknown: readonly ById[] }> {
  if (drafts.length === 0) return { found: [], unknown: [] };
  const ids = drafts.map(({ provider_message_id: id }) => id);
  const places = await repliesByProviderId(client, account, ids);
  return {
    found: drafts.flatMap((draft, place) =>
      (places.get(place) ?? []).map((id) => receiptOf(account, id, draft.provider_message_id, draft)),
    ),
    unknown: drafts.filter((_draft, place) => !places.has(place)),
  };
}

function receiptOf(
  account: Owner,
  outboundId: string,
  providerMessageId: string | null,
  { status, code, reason, at }: Pick<OutboundReceiptV1, 'status' | 'code' | 'reason' | 'at'>,
): OutboundReceiptV1 {
  return {
    outbound_id: outboundId,
    tenant: account.tenant,
    account_id: account.id,
    status,
    provider_message_id: providerMessageId,
    code: code?.slice(0, 32) ?? null,
    reason: reason?.slice(0, 500) ?? null,
    at,
  };
}
