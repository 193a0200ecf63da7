import { SendUncertain, type Deliver } from '@fanin/connector-kit';
import { demoApp } from '@fanin/simulators/meta';
import { context, run, type Running } from './testing/running.js';
import { ACCOUNT_ID, configFor } from './testing/simulated-account.js';

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

let running: Running;
const deliver = (): Deliver => running.instance.deliver as Deliver;
const lastSent = () => running.account.meta.sent().at(-1);
const received = async () => {
  await running.account.meta.idle();
  return running.door.normalised('shop');
};

beforeEach(async () => {
  running = await run({ apps: [{ ...demoApp, requireProof: true }], receipts: { read: true } });
  await running.account.meta.configure({ webhooks: { instagram: running.door.urlOf('shop') } });
});
afterEach(() => running.close());

describe('direct messages', () => {
  it('are answered within 24 hours, by a person within 7 days, and seen', async () => {
    const { from, at } = running.account.meta.inbound({ channel: 'instagram_dm', text: 'hi', at: ago(30) });
    const reply = running.account.reply({ customer: from, window_from: at });
    expect(await deliver().send({ ...reply, kind: 'automatic' }, context)).toMatchObject({ status: 'failed' });
    expect(await deliver().send(reply, context)).toEqual({ status: 'sent', providerMessageId: lastSent()?.id });
    expect(lastSent()).toMatchObject({ channel: 'instagram_dm', tag: 'HUMAN_AGENT', to: from });
    const all = await received();
    expect(all.flatMap(({ receipts = [] }) => receipts)).toEqual([
      expect.objectContaining({ status: 'read', provider_message_id: lastSent()?.id }),
    ]);
    expect(all.map(({ ignored }) => ignored?.rule)).toContain('own_echo');
  });

  it('are measured in bytes', async () => {
    const { from, at } = running.account.meta.inbound({ channel: 'instagram_dm', text: 'hi' });
    const reply = running.account.reply({ customer: from, window_from: at }, { text: 'ü'.repeat(501) });
    expect(await deliver().send(reply, context)).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/1002 bytes/),
    });
  });

  it('that change are told as changes', async () => {
    const { id, from } = running.account.meta.inbound({ channel: 'instagram_dm', text: 'hi', from: { name: 'Mia' } });
    const about = { channel: 'instagram_dm', from, mid: id } as const;
    running.account.meta.inbound({ ...about, kind: 'reaction', action: 'react', emoji: '❤' });
    running.account.meta.inbound({ ...about, kind: 'unsend' });
    const changes = (await received()).flatMap(({ messages }) => messages.flatMap(({ amends }) => amends ?? []));
    expect(changes.map(({ change }) => change).sort()).toEqual(['deleted', 'reacted']);
    for (const change of changes) expect(change.provider_message_id).toBe(id);
  });

  it('written with the Instagram app are an answer of the shop', async () => {
    const { from } = running.account.meta.inbound({ channel: 'instagram_dm', text: 'hi' });
    running.account.meta.inbound({ channel: 'instagram_dm', kind: 'echo', from, text: 'Kai here' });
    const echo = (await received()).flatMap(({ messages }) => messages).find(({ author }) => author === 'account');
    expect(echo).toMatchObject({ text: 'Kai here', recipients: [{ id: `instagram:${ACCOUNT_ID}:${from}` }] });
  });
});

describe('comments', () => {
  const comment = (more: { live?: boolean } = {}) =>
    running.account.meta.inbound({ channel: 'instagram_comment', text: 'Is it waterproof?', ...more });
  const answer = ({ id, from, at }: ReturnType<typeof comment>, visibility: 'public' | 'private') =>
    running.account.reply(
      { surface: 'comment', customer: from, comment_id: id, top_comment_id: id, window_from: at },
      { visibility },
    );

  it('are answered in public under them, and privately once', async () => {
    const asked = comment();
    expect(await deliver().send(answer(asked, 'public'), context)).toMatchObject({ status: 'sent' });
    expect(lastSent()).toMatchObject({ kind: 'comment', comment_id: asked.id });
    expect(await deliver().send(answer(asked, 'private'), context)).toMatchObject({ status: 'sent' });
    expect(lastSent()).toMatchObject({ kind: 'private_reply', comment_id: asked.id });
    await expect(deliver().send(answer(asked, 'private'), context)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const own = (await received()).flatMap(({ messages }) => messages).filter(({ author }) => author === 'account');
    expect(own).toMatchObject([{ conversation_key: `comment:${asked.id}`, recipients: [] }]);
  });

  it('whose public answer was lost on the way are looked up', async () => {
    const reply = answer(comment(), 'public');
    running.account.meta.faults.add({ where: 'api', kind: 'no_answer_after_accept', times: 1 });
    await expect(deliver().send(reply, context)).rejects.toBeInstanceOf(SendUncertain);
    const since = new Date(Date.now() - 60_000);
    const found = await deliver().reconcile?.(reply, { signal: context.signal, since, known: new Set() });
    expect(found).toEqual({ status: 'sent', providerMessageId: lastSent()?.id });
  });

  it('on a live broadcast are told as such', async () => {
    const asked = comment({ live: true });
    const [draft] = (await received()).flatMap(({ messages }) => messages);
    expect(draft).toMatchObject({ provider_message_id: asked.id, flags: ['live_comment'], visibility: 'public' });
  });
});

describe('mentions', () => {
  it('say by an attachment who wrote what, and are answered in public', async () => {
    const from = { name: 'Mia Kern', username: 'mia.kern' };
    running.account.meta.inbound({ channel: 'instagram_mention', text: 'Bought at @harbour.outdoor', from });
    const [draft] = (await received()).flatMap(({ messages }) => messages);
    const [attachment] = draft?.attachments ?? [];
    if (draft === undefined || attachment === undefined || !('ref' in attachment)) throw new Error('no mention came');
    const fetched = await running.instance.media?.fetch(attachment, context);
    expect(fetched?.content.toString('utf8')).toMatch(/^@mia\.kern, .*\nBought at @harbour\.outdoor/);
    const reply = running.account.reply(draft.provider_fields, { visibility: 'public' });
    expect(await deliver().send(reply, context)).toMatchObject({ status: 'sent' });
    expect(lastSent()).toMatchObject({ channel: 'instagram_mention', text: reply.text });
    const privately = await deliver().send({ ...reply, visibility: 'private' }, context);
    expect(privately).toMatchObject({ status: 'failed', reason: expect.stringMatching(/public only/) });
  });
});

describe('the configuration', () => {
  it('names what is missing', () => {
    const { page_id: _, ...without } = configFor(running.account.meta.url);
    expect(() => running.add('second', without)).toThrow(/page_id is missing/);
    const elsewhere = { ...configFor('http://graph.example'), instagram_id: '55555' };
    expect(() => running.add('third', elsewhere)).toThrow(/api_url must be an https address/);
  });
});
