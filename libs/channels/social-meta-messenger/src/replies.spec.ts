import { SendUncertain, type Deliver } from '@fanin/connector-kit';
import { ourOutboundId } from '@fanin/meta';
import { demoApp } from '@fanin/simulators/meta';
import { context, run, type Running } from './testing/running.js';
import { configFor, PAGE_TOKEN } from './testing/simulated-page.js';

const HOUR_MS = 3_600_000;
const ago = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();

let running: Running;
const deliver = (): Deliver => running.instance.deliver as Deliver;
const lastSent = () => running.page.meta.sent().at(-1);

beforeEach(async () => {
  running = await run({ apps: [{ ...demoApp, requireProof: true }] });
});
afterEach(() => running.close());

describe('a reply to a direct message', () => {
  it('goes out untagged within 24 hours, marked with our id', async () => {
    const reply = await running.page.freshReply();
    const outcome = await deliver().send(reply, context);
    expect(outcome).toEqual({ status: 'sent', providerMessageId: lastSent()?.id });
    expect(lastSent()).toMatchObject({ kind: 'message', text: reply.text });
    expect(lastSent()?.tag).toBeUndefined();
    const request = lastSent()?.request as { messaging_type: string; message: { metadata: string } };
    expect(request.messaging_type).toBe('RESPONSE');
    expect(ourOutboundId(request.message.metadata)).toBe(reply.outbound_id);
  });

  it('goes out as HUMAN_AGENT up to 7 days when a person wrote it, and not at all otherwise', async () => {
    const { from, at } = running.page.meta.inbound({ channel: 'messenger', text: 'hi', at: ago(72) });
    expect(await deliver().send(running.page.replyTo(from, at), context)).toMatchObject({ status: 'sent' });
    expect(lastSent()?.tag).toBe('HUMAN_AGENT');
    const machine = await deliver().send(running.page.replyTo(from, at, { kind: 'automatic' }), context);
    expect(machine).toMatchObject({
      status: 'failed',
      code: 'UNSUPPORTED',
      reason: expect.stringMatching(/"standard" closed at/),
    });
    const late = await deliver().send(running.page.replyTo(from, ago(169)), context);
    expect(late).toMatchObject({ status: 'failed', reason: expect.stringMatching(/"human_agent" closed at/) });
    expect(running.page.meta.sent()).toHaveLength(1);
  });

  it('tells the window as Meta sees it when the clocks differ', async () => {
    const { from } = running.page.meta.inbound({ channel: 'messenger', text: 'hi', at: ago(25) });
    const error = await deliver()
      .send(running.page.replyTo(from, ago(23)), context)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/outside the window.*10\/2018278/),
    });
  });

  it.each([
    ['public', { visibility: 'public' as const }, /in public/],
    ['with a template', { template: { id: 'x', variables: {} } }, /no templates/],
    [
      'with a file',
      { attachments: [{ key: 'k', size: 1, sha256: 'a'.repeat(64), name: 'a', content_type: 'a/b', inline: false }] },
      /no attachments/,
    ],
  ])('is refused %s', async (_, more, reason) => {
    const reply = { ...(await running.page.freshReply()), ...more };
    expect(await deliver().send(reply, context)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(reason),
    });
  });

  it('comes back as an echo that settles it, and as receipts', async () => {
    await running.page.meta.configure({
      webhooks: { page: running.door.urlOf('shop') },
      receipts: { read: true },
    });
    const reply = await running.page.freshReply();
    await deliver().send(reply, context);
    await running.page.meta.idle();
    const all = await running.door.normalised('shop');
    const id = lastSent()?.id;
    expect(all.flatMap(({ receipts = [] }) => receipts)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'sent', outbound_id: reply.outbound_id, provider_message_id: id }),
        expect.objectContaining({ status: 'delivered', provider_message_id: id }),
        expect.objectContaining({
          status: 'read',
          watermark: expect.objectContaining({ conversation_key: reply.conversation_key }),
        }),
      ]),
    );
    expect(all.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(['Hello']);
  });
});

describe('a reply to a comment', () => {
  const comment = () => running.page.meta.inbound({ channel: 'page_comment', text: 'Is it waterproof?' });

  it('goes under it in public, again and again', async () => {
    const { id, from, at } = comment();
    for (const text of ['Yes.', 'Quite.'])
      expect(await deliver().send(running.page.answerTo(id, from, at, { text }), context)).toMatchObject({
        status: 'sent',
      });
    expect(running.page.meta.sent().map(({ kind, text }) => [kind, text])).toEqual([
      ['comment', 'Yes.'],
      ['comment', 'Quite.'],
    ]);
  });

  it('goes to its author privately once, within 7 days', async () => {
    const { id, from, at } = comment();
    const answer = running.page.answerTo(id, from, at, { visibility: 'private' });
    expect(await deliver().send(answer, context)).toMatchObject({ status: 'sent' });
    expect(lastSent()).toMatchObject({ kind: 'private_reply', comment_id: id });
    const again = running.page.answerTo(id, from, at, { visibility: 'private' });
    await expect(deliver().send(again, context)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/before/),
    });
    const late = running.page.answerTo(id, from, ago(169), { visibility: 'private' });
    expect(await deliver().send(late, context)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/private_reply/),
    });
    expect(running.page.meta.sent()).toHaveLength(1);
  });

  it.each(['public', 'private'] as const)('is found when the answer to a %s one was lost', async (visibility) => {
    const { id, from, at } = comment();
    const answer = running.page.answerTo(id, from, at, { visibility });
    running.page.meta.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(deliver().send(answer, context)).rejects.toBeInstanceOf(SendUncertain);
    const since = new Date(Date.now() - 60_000);
    const found = await deliver().reconcile?.(answer, { signal: context.signal, since, known: new Set() });
    expect(found).toEqual({ status: 'sent', providerMessageId: lastSent()?.id });
  });
});

describe('when Meta fails', () => {
  it('a fault of its own leaves open whether it went out; the list says no, and it is sent once', async () => {
    const reply = await running.page.freshReply();
    running.page.meta.faults.add({ where: 'api', kind: 'status', status: 500, times: 1 });
    await expect(deliver().send(reply, context)).rejects.toBeInstanceOf(SendUncertain);
    const look = (secondsAgo: number) =>
      deliver().reconcile?.(reply, {
        signal: context.signal,
        since: new Date(Date.now() - secondsAgo * 1_000),
        known: new Set(),
      });
    await expect(look(1)).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(await look(60)).toEqual({ status: 'absent' });
    expect(await deliver().send(reply, context)).toMatchObject({ status: 'sent' });
    expect(running.page.meta.sent()).toHaveLength(1);
  });

  it('a connection that never stood is tried again without doubt', async () => {
    const reply = await running.page.freshReply();
    const lost = running.add('lost', { ...configFor('http://127.0.0.1:9'), page_id: '999999' });
    await expect(lost.deliver?.send(reply, context)).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('a throttle pauses all calls of the account for as long as its headers say', async () => {
    const pauses: number[] = [];
    const host = {
      ...running.host,
      rateLimiter: () => ({ take: () => Promise.resolve(), pause: (ms: number) => void pauses.push(ms) }),
    };
    Object.assign(running.host, { rateLimiter: host.rateLimiter });
    const second = running.add('second', {
      ...configFor(running.page.meta.url),
      page_id: '88888',
      previous_app_secret: 'x'.repeat(16),
    });
    const reply = await running.page.freshReply();
    await running.page.meta.configure({ rate_limit: { calls: 0, per_ms: 60_000, code: 613 } });
    await expect(second.deliver?.send(reply, context)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 60_000,
    });
    expect(pauses).toEqual([60_000]);
  });

  it('an unreachable person and a revoked token are told apart', async () => {
    const { from, at } = running.page.meta.inbound({
      channel: 'messenger',
      text: 'x',
      from: { name: 'Gone', unreachable: true },
    });
    await expect(deliver().send(running.page.replyTo(from, at), context)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/551/),
    });
    await running.page.meta.configure({ tokens: { [PAGE_TOKEN]: 'expired' } });
    await expect(deliver().send(running.page.replyTo(from, at), context)).rejects.toMatchObject({ code: 'AUTH' });
  });
});

describe('the connection check', () => {
  const check = (): Promise<void> | undefined => running.instance.connection?.check(context.signal);

  it('is content with a token of this Page', async () => {
    await check();
    expect(running.host.logged.join()).not.toContain(PAGE_TOKEN);
  });

  it('says so when the token is another Page’s, and when the secret is wrong', async () => {
    const other = running.add('other', { ...configFor(running.page.meta.url), page_id: '1234567' });
    await expect(other.connection?.check(context.signal)).rejects.toMatchObject({
      code: 'CONFIG',
      message: expect.stringMatching(/not to page_id/),
    });
    const wrong = running.add('wrong', {
      ...configFor(running.page.meta.url),
      page_id: '1234568',
      app_secret: 'wrong-wrong-wrong-wrong',
    });
    await expect(wrong.connection?.check(context.signal)).rejects.toMatchObject({ code: 'AUTH' });
  });

  it('works while the secret is changed, whichever of the two Meta takes', async () => {
    const { app_secret: current } = configFor('');
    const rotating = {
      ...configFor(running.page.meta.url),
      app_secret: 'the-new-secret-of-the-app',
      previous_app_secret: current,
    };
    await running.instance.close();
    const both = running.add('shop', rotating);
    await both.connection?.check(context.signal);
    await running.page.meta.configure({ webhooks: { page: running.door.urlOf('shop') } });
    running.page.meta.inbound({ channel: 'messenger', text: 'signed with the old one' });
    await running.page.meta.idle();
    expect(running.page.meta.deliveries().map(({ status }) => status)).toContain(200);
    expect(running.door.stored).toHaveLength(1);
  });
});
