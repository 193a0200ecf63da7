import { sampleReply, type RemoteAttachment } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { mediaRef } from '@fanin/meta';
import { demoApp, startMetaSimulator, type MetaSimulator, type MetaSimulatorOptions } from '@fanin/simulators/meta';

export const APP_SECRET = '5f1d7e84c0b94a6c8a3a2bd97e0c6f41';
export const PHONE_ID = '106540352242922';
export const OURS = '+15550783881';
export const TOKEN = 'EAALrdemoSystemUserToken106540352242922';

export function configFor(apiUrl: string): Readonly<Record<string, unknown>> {
  return {
    app_id: demoApp.id,
    app_secret: APP_SECRET,
    verify_token: demoApp.verifyToken,
    phone_number_id: PHONE_ID,
    access_token: TOKEN,
    api_url: apiUrl,
  };
}

let outbound = 0;

/** A number at a Meta on loopback, and replies to what its customers write there. */
export class SimulatedNumber {
  private constructor(readonly meta: MetaSimulator) {}

  static async start(options: MetaSimulatorOptions = {}): Promise<SimulatedNumber> {
    return new SimulatedNumber(await startMetaSimulator(options));
  }

  replyTo(from: string, at: string, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
    outbound += 1;
    const customer = `+${from}`;
    return sampleReply({
      outbound_id: `0192f0c1-7a52-7d10-9c0e-${String(outbound).padStart(12, '0')}`,
      channel: 'social',
      channel_slug: 'whatsapp-cloud',
      conversation_key: `whatsapp:${customer}:${OURS}`,
      to: [{ kind: 'phone', id: customer, name: null }],
      text: `We look into it (${outbound}).`,
      in_reply_to: null,
      provider_fields: { platform: 'whatsapp', surface: 'direct', customer, window_from: at },
      created_at: at,
      ...more,
    });
  }

  async freshReply(): Promise<OutboundMessageV1> {
    const { from, at, id } = this.meta.inbound({ channel: 'whatsapp', text: 'Hello' });
    return Promise.resolve(this.replyTo(from, at, { in_reply_to: id }));
  }

  /** A document that stands at WhatsApp under an id. */
  async document(content: Buffer): Promise<RemoteAttachment> {
    const form = new FormData();
    form.set('messaging_product', 'whatsapp');
    form.set('file', new Blob([new Uint8Array(content)], { type: 'application/pdf' }), 'invoice.pdf');
    const answer = await fetch(`${this.meta.url}/v25.0/${PHONE_ID}/media`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: form,
    });
    const { id } = (await answer.json()) as { id: string };
    return { ...PDF, ref: mediaRef(id) };
  }

  goneDocument(): RemoteAttachment {
    return { ...PDF, ref: mediaRef('1003383421387999') };
  }
}

const PDF = { name: 'invoice.pdf', content_type: 'application/pdf', inline: false } as const;
