import { messageIdOf } from '../complete-message.js';
import type { CapturedDelivery, Emit, PollCapture } from '../capture.js';
import type { Delivery } from '../normalise.js';
import type { ReconcileDriver } from './channel-contract.js';
import { demand, Demand } from './demand.js';
import { within } from './gate.js';
import type { ContractSubject, RunningSubject } from './subject.js';

const MOST_ROUNDS = 100;
const MISSED = 7;

/** After an outage the second door brings all that the first one missed, and both give a message the same id. */
export function reconcileChecks(driver: ReconcileDriver | undefined, subject: ContractSubject): void {
  if (driver === undefined) {
    it('finds what was missed during an outage', () => {
      throw new Demand(
        'contract.spec.ts: give the suite a `reconcile` driver (see ChannelContract in @fanin/connector-kit)',
      );
    });
    return;
  }
  it('finds all that was missed during an outage', async () => {
    const running = await subject.running();
    const door = doorOf(running);
    const before = await drain(door, null);
    const missed = await driver.missed(MISSED);
    const found = await drain(door, before.cursor);
    const ids = new Set((await messagesOf(running, found.deliveries)).map(({ providerId }) => providerId));
    const lost = missed.filter((id) => !ids.has(id));
    demand(
      lost.length === 0,
      `reconcile left out ${lost.length} of ${missed.length} messages sent while nobody listened`,
    );
  });
  it('finds the same again when the host could not store it', async () => {
    const running = await subject.running();
    const door = doorOf(running);
    const { cursor } = await drain(door, null);
    const missed = await driver.missed(2);
    await drain(door, cursor);
    const again = new Set(
      (await messagesOf(running, (await drain(door, cursor)).deliveries)).map(({ providerId }) => providerId),
    );
    demand(
      missed.every((id) => again.has(id)),
      'reconcile from the old cursor must bring the same again: keep no position of your own',
    );
  });
  it('gives a message the same id through both doors', async () => {
    const running = await subject.running();
    const door = doorOf(running);
    const { cursor } = await drain(door, null);
    const { request } = await driver.pushed();
    const { capture } = running.instance;
    demand(capture.shape === 'webhook', "'reconcile' is the second door of a webhook channel");
    demand(capture.verify(request).ok, 'contract.spec.ts: the request of reconcile.pushed must be rightly signed');
    const pushed: CapturedDelivery[] = [];
    const emit: Emit = (deliveries) => {
      pushed.push(...deliveries);
      return Promise.resolve(deliveries.map((_, at) => `pushed-${at}`));
    };
    await capture.receive(request, emit);
    const byPush = await messagesOf(running, pushed);
    const byList = await messagesOf(running, (await drain(door, cursor)).deliveries);
    demand(byPush.length > 0, 'contract.spec.ts: the request of reconcile.pushed must hold a message');
    for (const { id, providerId, conversation } of byPush) {
      const listed = byList.find((message) => message.id === id);
      demand(
        listed !== undefined,
        `the message ${providerId} came through both doors under different ids: provider_message_id and variant must be the same`,
      );
      demand(
        listed.conversation === conversation,
        `the message ${providerId} came through both doors under different conversation keys`,
      );
    }
  });
}

function doorOf({ instance }: RunningSubject): PollCapture {
  demand(instance.reconcile !== undefined, "src/channel.ts: `reconcile` must be there: the manifest names 'reconcile'");
  return instance.reconcile;
}

interface Seen {
  readonly id: string;
  readonly providerId: string;
  readonly conversation: string;
}

async function messagesOf({ instance }: RunningSubject, captured: readonly CapturedDelivery[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const [at, { body, contentType, meta }] of captured.entries()) {
    const delivery: Delivery = {
      deliveryId: `delivery-${at}`,
      tenant: 'default',
      accountId: 'account-1',
      receivedAt: '2026-11-21T08:15:30.120Z',
      contentType,
      meta,
      body,
    };
    const { messages } = await instance.normalise(delivery);
    for (const [index, draft] of messages.entries())
      seen.push({
        id: messageIdOf(delivery, messages, index),
        providerId: draft.provider_message_id,
        conversation: draft.conversation_key,
      });
  }
  return seen;
}

async function drain(
  door: PollCapture,
  from: string | null,
): Promise<{ readonly deliveries: readonly CapturedDelivery[]; readonly cursor: string }> {
  const deliveries: CapturedDelivery[] = [];
  let cursor = from;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const outcome = await within(
      door.poll(cursor, AbortSignal.timeout(20_000)),
      20_000,
      'reconcile.poll did not return within 20 s',
    );
    deliveries.push(...outcome.deliveries);
    cursor = outcome.cursor;
    if (!outcome.more) return { deliveries, cursor };
  }
  throw new Demand(`reconcile.poll said \`more\` ${MOST_ROUNDS} times in a row`);
}
