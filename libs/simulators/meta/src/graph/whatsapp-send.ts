import { invalidParameter, requiredParameter, whatsappError } from '../errors.js';
import type { Account, Person, SentMessage } from '../model.js';
import { DAY_MS } from '../options.js';
import type { MetaTemplateOptions } from '../options.js';
import { afterWhatsapp } from '../receipts.js';
import type { Stage } from '../stage.js';
import { neededText, objectParam, textParam } from './request.js';
import type { GraphCallContext } from './request.js';

const MEDIA_TYPES = ['image', 'audio', 'video', 'document', 'sticker'];
const TYPES = ['text', 'template', ...MEDIA_TYPES, 'location', 'contacts', 'interactive', 'reaction'];
const LONGEST_TEXT = 4096;
const LONGEST_CALLBACK_DATA = 512;

export const reEngagement = {
  code: 131047,
  title: 'Re-engagement message',
  details:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
};
const undeliverable = { code: 131026, title: 'Message undeliverable', details: 'Message Undeliverable.' };

/** POST /{phone-number-id}/messages: a message, or `status: read`. */
export function sendWhatsapp(stage: Stage, call: GraphCallContext, account: Account): unknown {
  if (textParam(call, 'messaging_product') !== 'whatsapp') throw requiredParameter('messaging_product');
  if (textParam(call, 'status') !== undefined) return markRead(stage, call, account);
  const to = neededText(call, 'to').replace(/\D/g, '');
  if (to.length < 7 || to.length > 15)
    throw whatsappError(
      400,
      131009,
      'Parameter value is not valid',
      `to: ${textParam(call, 'to')} is not a phone number`,
    );
  const type = textParam(call, 'type') ?? 'text';
  if (!TYPES.includes(type))
    throw invalidParameter(
      `Param type must be one of {${TYPES.map((name) => name.toUpperCase()).join(', ')}} - got "${type}".`,
    );
  const content = objectParam(call, type);
  if (content === undefined && type !== 'contacts')
    throw whatsappError(
      400,
      131008,
      'Required parameter is missing',
      `Parameter '${type}' is mandatory for type '${type}'`,
    );
  const callbackData = checkCallbackData(call);
  const shown = checkContent(stage, account, type, content ?? {});
  const person = stage.world.meet(account, { id: to });
  const failure = failureOf(stage, account, person, type);
  if (failure?.code === reEngagement.code && stage.settings.whatsappWindow === 'refuse') {
    throw whatsappError(400, failure.code, failure.title, failure.details);
  }
  const message = store(stage, call, account, person, type, shown);
  const status = {
    id: message.id,
    to,
    ...(callbackData === undefined ? {} : { callbackData }),
    category: type === 'template' ? 'utility' : 'service',
  };
  afterWhatsapp(stage, account, status, failure);
  const accepted = type === 'template' ? { message_status: 'accepted' } : {};
  return {
    messaging_product: 'whatsapp',
    contacts: [{ input: textParam(call, 'to'), wa_id: to }],
    messages: [{ id: message.id, ...accepted }],
  };
}

/** Only templates may go outside the 24 hours after the customer's last message. */
function failureOf(stage: Stage, account: Account, person: Person, type: string): typeof reEngagement | undefined {
  if (person.unreachable) return undeliverable;
  const openedAt = stage.world.thread(account, person).openedAt ?? -Infinity;
  return type !== 'template' && stage.world.now() - openedAt > DAY_MS ? reEngagement : undefined;
}

function checkCallbackData(call: GraphCallContext): string | undefined {
  const data = textParam(call, 'biz_opaque_callback_data');
  if (data !== undefined && data.length > LONGEST_CALLBACK_DATA) {
    throw whatsappError(
      400,
      131009,
      'Parameter value is not valid',
      `biz_opaque_callback_data is longer than ${LONGEST_CALLBACK_DATA}`,
    );
  }
  return data;
}

type Shown = Pick<SentMessage, 'text' | 'attachments' | 'template'>;

function checkContent(stage: Stage, account: Account, type: string, content: Record<string, unknown>): Shown {
  if (type === 'text') return { text: checkText(content['body']) };
  if (type === 'template') return checkTemplate(account, content);
  if (!MEDIA_TYPES.includes(type)) return {};
  const { id, link, caption, filename } = content;
  if (typeof link !== 'string' && typeof id !== 'string')
    throw whatsappError(400, 131008, 'Required parameter is missing', `${type}: give id or link`);
  const blob = typeof id === 'string' ? stage.world.blobs.get(id) : undefined;
  if (typeof id === 'string' && (blob?.accountId !== account.id || blob.expiresAt <= stage.world.now())) {
    throw whatsappError(400, 131053, 'Media upload error', `Media id ${id} does not exist or has expired`);
  }
  const file = {
    type,
    ...(typeof id === 'string' ? { id, bytes: blob?.bytes.length ?? 0 } : {}),
    ...(typeof link === 'string' ? { url: link } : {}),
    ...(typeof filename === 'string' ? { filename } : {}),
  };
  return { attachments: [file], ...(typeof caption === 'string' ? { text: caption } : {}) };
}

function checkText(body: unknown): string {
  if (typeof body !== 'string' || body === '') throw invalidParameter("The parameter text['body'] is required.");
  if (body.length > LONGEST_TEXT)
    throw invalidParameter(`Param text['body'] must be at most ${LONGEST_TEXT} characters long.`);
  return body;
}

function checkTemplate(account: Account, content: Record<string, unknown>): Shown {
  const name = String(content['name'] ?? '');
  const language = String((content['language'] as { code?: unknown } | undefined)?.code ?? '');
  const known = (account.phone?.templates ?? []).find((one) => one.name === name && one.language === language);
  if (known === undefined) {
    throw whatsappError(
      404,
      132001,
      'Template name does not exist in the translation',
      `template name (${name}) does not exist in ${language}`,
    );
  }
  checkStatus(known);
  const components = Array.isArray(content['components'])
    ? (content['components'] as { type?: string; parameters?: unknown[] }[])
    : [];
  const given = components.find((component) => component.type?.toLowerCase() === 'body')?.parameters?.length ?? 0;
  if (given !== known.parameters) {
    const details = `body: number of localizable_params (${given}) does not match the expected number of params (${known.parameters})`;
    throw whatsappError(400, 132000, 'Number of parameters does not match the expected number of params', details);
  }
  return { template: content };
}

function checkStatus(template: MetaTemplateOptions): void {
  if (template.status === 'PAUSED')
    throw whatsappError(400, 132015, 'Template is Paused', `template ${template.name} is paused due to low quality`);
  if (template.status === 'DISABLED')
    throw whatsappError(400, 132016, 'Template is Disabled', `template ${template.name} is disabled`);
}

function store(stage: Stage, call: GraphCallContext, account: Account, person: Person, type: string, shown: Shown) {
  const replyTo = objectParam(call, 'context')?.['message_id'];
  const quoted = typeof replyTo === 'string' ? replyTo : undefined;
  const message = stage.world.addMessage(account, person, {
    id: stage.world.newMid(account, person.id, true),
    fromPerson: false,
    at: stage.world.now(),
    attachments: [],
    ...(shown.text === undefined ? {} : { text: shown.text }),
    ...(quoted === undefined ? {} : { replyTo: quoted }),
  });
  const callbackData = textParam(call, 'biz_opaque_callback_data');
  stage.world.sent.push({
    id: message.id,
    at: new Date(message.at).toISOString(),
    app_id: call.app.options.id,
    channel: 'whatsapp',
    account_id: account.id,
    kind: type === 'template' ? 'template' : 'message',
    to: person.id,
    ...shown,
    ...(quoted === undefined ? {} : { reply_to: quoted }),
    ...(callbackData === undefined ? {} : { biz_opaque_callback_data: callbackData }),
    request: call.params,
  });
  return message;
}

function markRead(stage: Stage, call: GraphCallContext, account: Account): unknown {
  const id = neededText(call, 'message_id');
  const message = stage.world.messages.get(id);
  if (message?.accountId !== account.id || !message.fromPerson)
    throw whatsappError(400, 131009, 'Parameter value is not valid', `message_id ${id} is no message to this number`);
  return { success: true };
}
