import { FaninError, messageOf } from '@fanin/kernel';
import { SendUncertain, type Deliver, type SendOutcome } from '../deliver.js';
import type { ChannelManifest } from '../manifest.js';
import type { SendingDriver } from './channel-contract.js';
import { demand, Demand } from './demand.js';
import type { ContractSubject } from './subject.js';

/** A reply goes out or says why not; one whose sending was cut off is never called sent or failed without knowing. */
export function sendingChecks(
  manifest: ChannelManifest,
  driver: SendingDriver | undefined,
  subject: ContractSubject,
): void {
  if (driver === undefined) {
    it('sends a reply', () => {
      throw new Demand(
        'contract.spec.ts: give the suite a `sending` driver (see ChannelContract in @fanin/connector-kit)',
      );
    });
    return;
  }
  const deliver = async (): Promise<Deliver> => {
    const { instance } = await subject.running();
    demand(instance.deliver !== undefined, "src/channel.ts: `deliver` must be there: the manifest names 'replies'");
    return instance.deliver;
  };
  const context = {
    signal: AbortSignal.timeout(120_000),
    attachment: () => Promise.reject(new Error('there is none')),
  };

  it('sends a reply and tells its id', async () => {
    const message = await driver.reply();
    const before = await driver.sent();
    const outcome = await (await deliver()).send(message, context);
    demand(outcome.status !== 'failed', `deliver.send failed: ${outcome.status === 'failed' ? outcome.reason : ''}`);
    const after = await driver.sent();
    demand(
      after.length === before.length + 1,
      `the provider got ${after.length - before.length} messages of one reply`,
    );
    demand(
      outcome.providerMessageId === null || after.includes(outcome.providerMessageId),
      'deliver.send must tell the id under which the provider holds the message',
    );
  });
  it('leaves open what became of a reply whose answer was cut off', async () => {
    const message = await driver.reply();
    const before = await driver.sent();
    await driver.cutOff();
    const error = await (await deliver()).send(message, context).then(
      (outcome: SendOutcome) => new Error(`it resolved with ${outcome.status}`),
      (reason: unknown) => reason,
    );
    subject.hear(error);
    demand(
      (await driver.sent()).length === before.length + 1,
      'contract.spec.ts: cutOff must cut after the provider took it',
    );
    const isOpen = error instanceof SendUncertain || (error instanceof FaninError && error.code === 'BUG');
    demand(
      isOpen,
      `deliver.send must throw SendUncertain when the connection broke after the request: ${messageOf(error)}`,
    );
    if (manifest.sending !== 'reconciled') return;
    const channel = await deliver();
    demand(channel.reconcile !== undefined, "deliver.reconcile must be there: sending is 'reconciled'");
    const since = new Date(Date.parse(message.created_at) - 60_000);
    const found = await channel.reconcile(message, { signal: context.signal, since, known: new Set(before) });
    demand(found.status === 'sent', `deliver.reconcile must find the reply that went out, it says ${found.status}`);
    const [newest] = (await driver.sent()).filter((id) => !before.includes(id));
    demand(found.providerMessageId === newest, 'deliver.reconcile must tell the id of the message that went out');
    const known = new Set([...before, found.providerMessageId]);
    const again = await channel.reconcile(message, { signal: context.signal, since, known });
    demand(again.status !== 'sent', 'deliver.reconcile must not take a message that is accounted for for the answer');
  });
  if (!manifest.capabilities.includes('reply_windows')) return;
  it('sends nothing through a window that is closed', async () => {
    const closed = driver.closed;
    demand(closed !== undefined, 'contract.spec.ts: give the sending driver `closed`: a reply whose window is over');
    const message = await closed();
    const before = await driver.sent();
    const refused = await (await deliver()).send(message, context).then(
      (outcome) => outcome.status === 'failed' && outcome.reason.length > 10,
      (error: unknown) => error instanceof FaninError && error.code !== 'BUG' && error.message.length > 10,
    );
    demand(refused, 'deliver.send must refuse a reply whose window is over, with a reason for people');
    demand((await driver.sent()).length === before.length, 'a reply went out although its window was over');
  });
}
