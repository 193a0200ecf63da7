import { sampleReply, type RemoteAttachment } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { linkRef } from '@fanin/meta';
import { demoApp, startMetaSimulator, type MetaSimulator, type MetaSimulatorOptions } from '@fanin/simulators/meta';

export const APP_SECRET = '5f1d7e84c0b94a6c8a3a2bd97e0c6f41';
export const ACCOUNT_ID = '17841402276019334';
export const PAGE_ID = '104857620015542';
export const PAGE_TOKEN = 'EAALrdemoPageToken104857620015542';

export function configFor(apiUrl: string): Readonly<Record<string, unknown>> {
  return {
    app_id: demoApp.id,
    app_secret: APP_SECRET,
    verify_token: demoApp.verifyToken,
    instagram_id: ACCOUNT_ID,
    page_id: PAGE_ID,
    access_token: PAGE_TOKEN,
    api_url: apiUrl,
  };
}

let outbound = 0;

/** An Instagram account at a Meta on loopback, and replies to what its customers do there. */
export class SimulatedAccount {
  private constructor(readonly meta: MetaSimulator) {}

  static async start(options: MetaSimulatorOptions = {}): Promise<SimulatedAccount> {
    return new SimulatedAccount(await startMetaSimulator(options));
  }

  reply(fields: Readonly<Record<string, string>>, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
    outbound += 1;
    const customer = fields['customer'] ?? 'nobody';
    return sampleReply({
      outbound_id: `0192f0c1-7a52-7d10-9c0e-${String(outbound).padStart(12, '0')}`,
      channel: 'social',
      channel_slug: 'social-instagram',
      conversation_key: `dm:${ACCOUNT_ID}:${customer}`,
      to: [{ kind: 'social', id: `instagram:${ACCOUNT_ID}:${customer}`, name: null }],
      text: `We look into it (${outbound}).`,
      provider_fields: { platform: 'instagram', surface: 'direct', account: ACCOUNT_ID, ...fields },
      created_at: fields['window_from'] ?? new Date().toISOString(),
      ...more,
    });
  }

  async freshReply(): Promise<OutboundMessageV1> {
    const { from, at } = this.meta.inbound({ channel: 'instagram_dm', text: 'Hello', from: { name: `C${outbound}` } });
    return Promise.resolve(this.reply({ customer: from, window_from: at }));
  }

  /** A picture that a customer sent, as a delivery names it. */
  async picture(content: Buffer): Promise<RemoteAttachment> {
    const attachments = [{ type: 'image' as const, base64: content.toString('base64'), mime: 'image/png' }];
    const { id } = this.meta.inbound({ channel: 'instagram_dm', attachments });
    const answer = await fetch(`${this.meta.url}/v25.0/${id}?fields=attachments&access_token=${PAGE_TOKEN}`);
    const { attachments: found } = (await answer.json()) as {
      attachments: { data: { image_data: { url: string } }[] };
    };
    return { ...PICTURE, ref: linkRef(id, 0, found.data[0]?.image_data.url ?? '') };
  }

  /** One whose link has ended, of a message that is not there any more. */
  gonePicture(): RemoteAttachment {
    return { ...PICTURE, ref: linkRef('gone', 0, `${this.meta.url}/cdn/v/1/picture.png?oe=1&oh=00_Af`) };
  }
}

const PICTURE = { name: 'image-1.jpg', content_type: 'image/jpeg', inline: false } as const;
