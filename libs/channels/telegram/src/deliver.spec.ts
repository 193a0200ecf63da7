import { sampleReply, SendUncertain, type Deliver } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { startBot, type RunningBot } from './spec-support/running-bot.js';

const GROUP = '-1001500000001';
const context = { signal: AbortSignal.timeout(60_000), attachment: () => Promise.reject(new Error('there is none')) };
const reply = (over: Partial<OutboundMessageV1> = {}): OutboundMessageV1 =>
  sampleReply({
    channel: 'social',
    channel_slug: 'telegram',
    conversation_key: 'telegram:70001',
    to: [{ kind: 'social', id: 'telegram:70001', name: 'Ada' }],
    text: 'It was sent yesterday.',
    in_reply_to: '70001:41',
    provider_fields: { chat_type: 'private' },
    ...over,
  });

describe('replies', () => {
  let bot: RunningBot;
  let deliver: Deliver;
  beforeAll(async () => {
    bot = await startBot();
    deliver = bot.instance.deliver as Deliver;
  });
  afterAll(() => bot.server.stop());
  const lastRequest = (): unknown => bot.server.sent.at(-1)?.request;

  it('answer the message', async () => {
    const outcome = await deliver.send(reply(), context);
    expect(outcome).toEqual({ status: 'sent', providerMessageId: '70001:1' });
    expect(lastRequest()).toEqual({
      chat_id: 70001,
      text: 'It was sent yesterday.',
      reply_parameters: { message_id: 41, allow_sending_without_reply: true },
    });
  });

  it('answer the message that an edit changed, and none for a button', async () => {
    await deliver.send(reply({ in_reply_to: '70001:41:edited:1795000200' }), context);
    expect(lastRequest()).toMatchObject({ reply_parameters: { message_id: 41 } });
    await deliver.send(reply({ in_reply_to: 'callback:4382bfdwdsb323b2d9' }), context);
    expect(lastRequest()).not.toHaveProperty('reply_parameters');
  });

  it('go into the topic of a group', async () => {
    const provider_fields = { chat_type: 'supergroup' };
    const conversation_key = `telegram:${GROUP}:7`;
    await deliver.send(reply({ conversation_key, in_reply_to: `${GROUP}:310`, provider_fields }), context);
    expect(lastRequest()).toMatchObject({
      chat_id: Number(GROUP),
      message_thread_id: 7,
      reply_parameters: { message_id: 310 },
    });
  });

  it('go to the person when they are private', async () => {
    const provider_fields = { chat_type: 'supergroup' };
    const conversation_key = `telegram:${GROUP}:7`;
    await deliver.send(reply({ conversation_key, provider_fields, visibility: 'private' }), context);
    expect(lastRequest()).toEqual({ chat_id: 70001, text: 'It was sent yesterday.' });
    const to = [{ kind: 'social' as const, id: `telegram:${GROUP}`, name: 'Club' }];
    const asGroup = deliver.send(reply({ conversation_key, provider_fields, to, visibility: 'private' }), context);
    await expect(asGroup).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('follow a group that became a supergroup', async () => {
    const parameters = { migrate_to_chat_id: -1009 };
    bot.server.refuse('sendMessage', { status: 400, description: 'Bad Request: group chat was upgraded', parameters });
    const outcome = await deliver.send(reply({ conversation_key: 'telegram:-55', in_reply_to: '-55:3' }), context);
    expect(outcome).toMatchObject({ status: 'sent', providerMessageId: expect.stringMatching(/^-1009:/) as string });
  });

  it.each([
    [429, 'Too Many Requests: retry after 7', { retry_after: 7 }, { code: 'RATE_LIMITED', retryAfterMs: 7000 }],
    [403, 'Forbidden: bot was blocked by the user', undefined, { code: 'UNSUPPORTED' }],
    [400, 'Bad Request: chat not found', undefined, { code: 'BAD_PAYLOAD' }],
    [401, 'Unauthorized', undefined, { code: 'AUTH' }],
  ])('are not sent on %i %s', async (status, description, parameters, expected) => {
    const before = bot.server.sent.length;
    bot.server.refuse('sendMessage', { status, description, ...(parameters && { parameters }) });
    await expect(deliver.send(reply(), context)).rejects.toMatchObject(expected);
    expect(bot.server.sent).toHaveLength(before);
  });

  it('are uncertain after a 5xx, and certain not to be out when nobody listened', async () => {
    bot.server.refuse('sendMessage', { status: 502, description: 'Bad Gateway' });
    await expect(deliver.send(reply(), context)).rejects.toBeInstanceOf(SendUncertain);
    const away = await startBot();
    await away.server.stop();
    await expect(away.instance.deliver?.send(reply(), context)).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('are refused before Telegram is asked when they are too long or no text', async () => {
    await expect(deliver.send(reply({ text: 'x'.repeat(4097) }), context)).rejects.toMatchObject({
      code: 'BAD_PAYLOAD',
    });
    await expect(deliver.send(reply({ conversation_key: 'sms:1' }), context)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});
