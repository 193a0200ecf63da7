import type { Bus, BusRecord, DeadLetter } from '@fanin/bus';
import { createCodec, CONTRACTS, topicName, TOPICS, type Contract, type FateV1 } from '@fanin/contracts';
import { isoTime, type Clock, type CrashPoints } from '@fanin/kernel';

/**
 * A message that was set aside behind the connector ends in the fate `dead_lettered`, so that captured stays the sum of
 * fates. One that cannot even be decoded says nothing of its delivery; the connector checked it against the same schema.
 */
export function createDeadLetterFates(
  { bus, clock, crashPoints }: { readonly bus: Bus; readonly clock: Clock; readonly crashPoints: CrashPoints },
  topicPrefix: string,
  source: string,
) {
  const messages = createCodec(CONTRACTS.inboundMessage);
  const fates = createCodec(CONTRACTS.fate);
  const topic = topicName(TOPICS.fates, topicPrefix);

  return async (contract: Contract<object>, record: BusRecord, letter: DeadLetter): Promise<void> => {
    crashPoints.at('dead-letter.appended');
    if (contract.name !== CONTRACTS.inboundMessage.name) return;
    const decoded = messages.decode(record);
    if (!decoded.ok) return;
    const { delivery_id, part, parts, tenant, account_id, channel, message_id } = decoded.value;
    const fate: FateV1 = {
      delivery_id,
      part,
      parts,
      tenant,
      account_id,
      channel,
      fate: 'dead_lettered',
      rule: letter.code.toLowerCase(),
      evidence: letter.reason.slice(0, 500),
      message_id,
      ticket_id: null,
      decided_at: isoTime(clock.now()),
    };
    await bus.publish(topic, [fates.encode(fate, { key: delivery_id, source })]);
  };
}
