import { hubSignature } from '@fanin/simulators/meta';
import type { DrivenMessage } from '../door.js';
import { digitsOf, hexOf, HookDoor, type HookSpec, type Signed } from './hook-door.js';

export interface MetaDoorSpec extends HookSpec {
  readonly kind: 'meta';
  readonly appSecret: string;
  /** The Page's Messenger, or the Instagram account, whose id that is. */
  readonly object: 'page' | 'instagram';
  readonly id: string;
}

export interface CommentsDoorSpec extends HookSpec {
  readonly kind: 'comments';
  readonly appSecret: string;
  /** Of the Page. */
  readonly id: string;
}

export interface WhatsappDoorSpec extends HookSpec {
  readonly kind: 'whatsapp';
  readonly appSecret: string;
  readonly phone: { readonly id: string; readonly wabaId: string; readonly displayNumber: string };
}

function signed(appSecret: string, delivery: unknown): Signed {
  const body = Buffer.from(JSON.stringify(delivery));
  return {
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(appSecret, body) },
    body,
  };
}

/** Direct messages, one in a delivery (developers.facebook.com/docs/messenger-platform/webhooks). */
export class MetaDoor extends HookDoor<MetaDoorSpec> {
  get name(): string {
    return this.spec.object === 'page' ? 'meta' : 'instagram';
  }

  idOf(run: string, sequence: number): string {
    return `m_${hexOf(`${run} ${sequence}`, 40)}`;
  }

  protected sign({ id: mid, conversation, text }: DrivenMessage): Signed {
    const { appSecret, object, id } = this.spec;
    const timestamp = Date.now();
    const sender = { id: digitsOf(conversation, 16) };
    const messaging = [{ sender, recipient: { id }, timestamp, message: { mid, text } }];
    return signed(appSecret, { object, entry: [{ id, time: timestamp, messaging }] });
  }
}

/** Under which all is said. */
const POST = '122104857620015';

/**
 * Comments below a post of the Page, one in a delivery (developers.facebook.com/docs/graph-api/webhooks/reference/page/#feed).
 * A conversation is a thread: the first comment stands on the post, those after it on the first.
 */
export class CommentsDoor extends HookDoor<CommentsDoorSpec> {
  readonly name = 'comments';

  idOf(run: string, sequence: number): string {
    return `${POST}_${digitsOf(`${run} ${sequence}`, 17)}`;
  }

  protected sign({ id: comment_id, first, conversation, text }: DrivenMessage): Signed {
    const { appSecret, id } = this.spec;
    const post_id = `${id}_${POST}`;
    const created_time = Math.floor(Date.now() / 1000);
    const from = { id: digitsOf(conversation, 16), name: `Customer ${conversation}` };
    const where = { item: 'comment', verb: 'add', post_id, parent_id: first ?? post_id };
    const value = { ...where, comment_id, from, message: text, created_time };
    const entry = [{ id, time: created_time, changes: [{ field: 'feed', value }] }];
    return signed(appSecret, { object: 'page', entry });
  }
}

/** Messages, one in a delivery (developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components). */
export class WhatsappDoor extends HookDoor<WhatsappDoorSpec> {
  readonly name = 'whatsapp';

  idOf(run: string, sequence: number): string {
    return `wamid.${Buffer.from(hexOf(`${run} ${sequence}`, 42)).toString('base64')}`;
  }

  protected sign({ id, conversation, text }: DrivenMessage): Signed {
    const { appSecret, phone } = this.spec;
    const from = `1415${digitsOf(conversation, 7)}`;
    const value = {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: phone.displayNumber, phone_number_id: phone.id },
      contacts: [{ profile: { name: `Customer ${from}` }, wa_id: from }],
      messages: [{ from, id, timestamp: `${Math.floor(Date.now() / 1000)}`, type: 'text', text: { body: text } }],
    };
    const entry = [{ id: phone.wabaId, changes: [{ value, field: 'messages' }] }];
    return signed(appSecret, { object: 'whatsapp_business_account', entry });
  }
}
