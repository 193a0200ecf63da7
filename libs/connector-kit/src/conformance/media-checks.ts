import { FaninError, messageOf } from '@fanin/kernel';
import type { MediaSource, RemoteAttachment } from '../media.js';
import type { MediaDriver } from './channel-contract.js';
import { demand, Demand } from './demand.js';
import { within } from './gate.js';
import type { ContractSubject } from './subject.js';

/** Where an attachment must never lead a connector. */
const FORBIDDEN_REFS = [
  'http://169.254.169.254/latest/meta-data/',
  'https://127.0.0.1:1/file',
  'https://[::ffff:10.0.0.1]/file',
  'file:///etc/passwd',
];

/** Attachments are fetched whole, are final when they are gone, and are no way into our own network. */
export function mediaChecks(driver: MediaDriver | undefined, subject: ContractSubject): void {
  const source = async (): Promise<MediaSource> => {
    const { media } = (await subject.running()).instance;
    demand(media !== undefined, "src/channel.ts: `media` must be there: the manifest names 'media'");
    return media;
  };
  if (driver === undefined) {
    it('fetches attachments', () => {
      throw new Demand(
        'contract.spec.ts: give the suite a `media` driver (see ChannelContract in @fanin/connector-kit)',
      );
    });
    return;
  }
  it('fetches an attachment byte for byte', async () => {
    const { attachment, content } = await driver.present();
    const fetched = await (await source()).fetch(attachment, { signal: AbortSignal.timeout(10_000) });
    demand(fetched.content.equals(content), 'media.fetch must return the bytes that the provider holds');
  });
  it('takes an attachment that is gone for gone', async () => {
    const error = await failureOf(await source(), await driver.gone(), subject);
    demand(
      error instanceof FaninError && error.code === 'BAD_PAYLOAD',
      `media.fetch of what is gone must throw FaninError BAD_PAYLOAD, so that it is not asked for again and again: ${messageOf(error)}`,
    );
  });
  it('is led into no network of ours by an attachment', async () => {
    const { attachment } = await driver.present();
    for (const ref of FORBIDDEN_REFS) {
      const error = await failureOf(await source(), { ...attachment, ref }, subject);
      demand(
        error instanceof FaninError && ['BAD_PAYLOAD', 'UNSUPPORTED'].includes(error.code),
        `media.fetch must refuse the ref ${ref} with BAD_PAYLOAD: use fetchGuarded (${messageOf(error)})`,
      );
    }
  });
  it('stops fetching within 2 s of the signal', async () => {
    const { attachment } = await driver.present();
    const media = await source();
    await driver.hang();
    const stop = new AbortController();
    const fetching = media.fetch(attachment, { signal: stop.signal }).catch((error: unknown) => subject.hear(error));
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort();
    await within(fetching, 2_000, 'media.fetch went on for more than 2 s after the signal: pass the signal on');
  });
}

async function failureOf(media: MediaSource, attachment: RemoteAttachment, subject: ContractSubject): Promise<unknown> {
  try {
    await within(media.fetch(attachment, { signal: AbortSignal.timeout(8_000) }), 10_000, 'media.fetch hangs');
  } catch (error) {
    subject.hear(error);
    return error;
  }
  return new Error('it resolved');
}
