import { sampleReply, type RemoteAttachment } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { linkRef } from '@fanin/meta';
import { demoApp, startMetaSimulator, type MetaSimulator, type MetaSimulatorOptions } from '@fanin/simulators/meta';

export const APP_SECRET = '5f1d7e84c0b94a6c8a3a2bd97e0c6f41';
export const PAGE_ID = '104857620015542';
export const PAGE_TOKEN = 'EAALrdemoPageToken104857620015542';

export function configFor(apiUrl: string): Readonly<Record<string, unknown>> {
  return {
    app_id: demoApp.id,
    app_secret: APP_SECRET,
    verify_token: demoApp.verifyToken,
    page_id: PAGE_ID,
    access_token: PAGE_TOKEN,
    api_url: apiUrl,
  };
}

let outbound = 0;

/** A Page at a Meta on loopback, and replies to what its customers do there. */
export class SimulatedPage {
  private constructor(readonly meta: MetaSimulator) {}

  static async start(options: MetaSimulatorOptions = {}): Promise<SimulatedPage> {
    return new SimulatedPage(await startMetaSimulator(options));
  }

  /** A reply to somebody who has just written. */
  replyTo(from: string, at: string, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
    outbound += 1;
    return sampleReply({
      outbound_id: `0192f0c1-7a52-7d10-9c0e-${String(outbound).padStart(12, '0')}`,
      channel: 'social',
      channel_slug: 'social-meta-messenger',
      conversation_key: `dm:${PAGE_ID}:${from}`,
      to: [{ kind: 'social', id: `messenger:${PAGE_ID}:${from}`, name: null }],
      text: `We look into it (${outbound}).`,
      provider_fields: { platform: 'messenger', surface: 'direct', account: PAGE_ID, customer: from, window_from: at },
      created_at: at,
      ...more,
    });
  }

  /** A reply to a comment that somebody has just written. */
  answerTo(comment: string, from: string, at: string, more: Partial<OutboundMessageV1> = {}): OutboundMessageV1 {
    return this.replyTo(from, at, {
      conversation_key: `comment:${comment}`,
      visibility: 'public',
      provider_fields: {
        platform: 'messenger',
        surface: 'comment',
        account: PAGE_ID,
        customer: from,
        comment_id: comment,
        top_comment_id: comment,
        window_from: at,
      },
      ...more,
    });
  }

  async freshReply(): Promise<OutboundMessageV1> {
    const { from, at } = this.meta.inbound({ channel: 'messenger', text: 'Hello', from: { name: `C${outbound}` } });
    return Promise.resolve(this.replyTo(from, at));
  }

  /** A file that a customer sent, as a delivery names it. */
  async file(content: Buffer): Promise<RemoteAttachment> {
    const attachments = [{ type: 'file' as const, base64: content.toString('base64'), mime: 'application/pdf' }];
    const { id } = this.meta.inbound({ channel: 'messenger', attachments });
    return { ...PDF, ref: linkRef(id, 0, await this.linkOf(id)) };
  }

  private async linkOf(mid: string): Promise<string> {
    const answer = await fetch(`${this.meta.url}/v25.0/${mid}?fields=attachments&access_token=${PAGE_TOKEN}`);
    const { attachments } = (await answer.json()) as { attachments: { data: { file_url: string }[] } };
    return attachments.data[0]?.file_url ?? '';
  }

  /** One whose link has ended, of a message that is not there any more. */
  goneFile(): RemoteAttachment {
    return { ...PDF, ref: linkRef('m_gone', 0, `${this.meta.url}/cdn/v/1/file.pdf?oe=1&oh=00_Af`) };
  }
}

const PDF = { name: 'invoice.pdf', content_type: 'application/pdf', inline: false } as const;
