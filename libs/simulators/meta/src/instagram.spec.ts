import type { MetaSimulatorOptions } from './index.js';
import { code, graphClient } from './testing/graph-client.js';
import { started } from './testing/started.js';
import type { Started } from './testing/started.js';

const PAGE = '104857620015542';
const IG = '17841402276019334';
const TOKEN = 'EAALrdemoPageToken104857620015542';
const DAY_MS = 86_400_000;
let all: Started | undefined;

async function set(options: MetaSimulatorOptions = {}) {
  all = await started(options);
  return { ...all, graph: graphClient(all.meta, TOKEN) };
}

afterEach(async () => all?.close());

describe('Instagram conversations', () => {
  it('come with object instagram: text, story replies and mentions, shares, reactions, unsent, seen', async () => {
    const { meta, ours } = await set();
    const at = '2026-11-22T08:30:00.000Z';
    const first = meta.inbound({ channel: 'instagram_dm', from: { username: 'ida.moe' }, text: 'Hei', at });
    const ida = { channel: 'instagram_dm', from: first.from, at } as const;
    const story = { story: { id: '178', url: 'https://cdn.example/s' } };
    meta.inbound({ ...ida, text: 'nice', reply_to: story });
    meta.inbound({
      ...ida,
      attachments: [{ type: 'story_mention' }, { type: 'share', url: 'https://www.instagram.com/p/1/' }],
    });
    meta.inbound({ ...ida, kind: 'unsend', mid: first.id });
    meta.inbound({ ...ida, kind: 'unsupported' });
    meta.inbound({ ...ida, kind: 'read', mid: 'aWd' });
    expect(() => meta.inbound({ ...ida, kind: 'delivery' })).toThrow('nothing of deliveries');
    await meta.idle();
    expect(ours.posted.every(({ body }) => body.object === 'instagram' && body.entry[0]?.['id'] === IG)).toBe(true);
    const sides = { sender: { id: first.from }, recipient: { id: IG }, timestamp: Date.parse(at) };
    const mid = expect.stringMatching(/^aWdfZAG1f/) as string;
    expect(ours.items()).toContainEqual({ ...sides, message: { mid: first.id, text: 'Hei' } });
    expect(ours.items()).toContainEqual({ ...sides, message: { mid, text: 'nice', reply_to: story } });
    expect(ours.items()).toContainEqual({
      ...sides,
      message: {
        mid,
        attachments: [
          { type: 'story_mention', payload: { url: expect.stringContaining('/cdn/v/') as string } },
          { type: 'share', payload: { url: 'https://www.instagram.com/p/1/' } },
        ],
      },
    });
    expect(ours.items()).toContainEqual({ ...sides, message: { mid: first.id, is_deleted: true } });
    expect(ours.items()).toContainEqual({ ...sides, message: { mid, is_unsupported: true } });
    expect(ours.items()).toContainEqual({ ...sides, read: { mid: 'aWd' } });
  });

  it('are answered through the Page or the account, echoed, never reported as delivered, and closed after 24 hours', async () => {
    const { meta, ours, clock, graph } = await set({ receipts: { read: true } });
    const { from } = meta.inbound({ channel: 'instagram_dm', from: { username: 'ida.moe' } });
    await meta.idle();
    ours.posted.length = 0;
    const answer = await graph.post(`${PAGE}/messages`, { recipient: { id: from }, message: { text: 'Hi Ida' } });
    const mid = answer.body['message_id'];
    await meta.idle();
    expect(ours.items().map((item) => Object.keys(item).at(-1))).toEqual(['message', 'read']);
    expect(ours.items()[0]).toMatchObject({
      sender: { id: IG },
      message: { mid, is_echo: true, app_id: 821904350119287 },
    });
    expect(ours.items()[1]).toMatchObject({ sender: { id: from }, read: { mid } });
    expect(meta.sent()).toMatchObject([{ channel: 'instagram_dm', account_id: IG, to: from }]);
    const listed = await graph.get(`${PAGE}/conversations?platform=instagram&fields=messages{message,from}`);
    expect((listed.body.data[0] as { messages: { data: unknown[] } }).messages.data).toContainEqual({
      id: mid,
      message: 'Hi Ida',
      from: { username: 'harbour.outdoor', id: IG },
    });
    clock.time += DAY_MS + 1;
    expect(code(await graph.post(`${IG}/messages`, { recipient: { id: from }, message: { text: 'late' } }))).toEqual([
      400, 10, 2534022,
    ]);
    const long = { recipient: { id: from }, message: { text: 'ø'.repeat(501) } };
    expect(code(await graph.post(`${IG}/messages`, long))).toEqual([400, 100, undefined]);
    expect((await graph.get(`${from}?fields=username`)).body).toEqual({ username: 'ida.moe', id: from });
  });

  it('of an account with Instagram Login alone are refused in Instagram’s own words', async () => {
    const instagram = [{ id: '17841400000000042', username: 'solo.shop', accessToken: 'IGAAsolo' }];
    all = await started({ apps: [{ id: '1', secret: 's', verifyToken: 'fanin-verify-token', instagram }] });
    const { from } = all.meta.inbound({ channel: 'instagram_dm', text: 'hi' });
    all.clock.time += DAY_MS + 1;
    const late = await graphClient(all.meta, 'IGAAsolo').post('me/messages', {
      recipient: { id: from },
      message: { text: 'late' },
    });
    expect([...code(late), late.body.error.type]).toEqual([403, 10, 2534022, 'IGApiException']);
  });
});

describe('Instagram comments', () => {
  it('come, are read, answered in public and answered privately once', async () => {
    const { meta, ours, graph } = await set();
    const comment = meta.inbound({ channel: 'instagram_comment', from: { username: 'ida.moe' }, text: 'Price?' });
    await meta.idle();
    expect(ours.items()[0]).toEqual({
      field: 'comments',
      value: {
        from: { id: comment.from, username: 'ida.moe' },
        media: { id: comment.post_id, media_product_type: 'FEED' },
        id: comment.id,
        text: 'Price?',
      },
    });
    const answer = await graph.post(`${comment.id}/replies`, { message: '219.90' });
    const replies = await graph.get(`${comment.id}/replies?fields=text,username`);
    expect(replies.body.data).toEqual([{ id: answer.body['id'], text: '219.90', username: 'harbour.outdoor' }]);
    await meta.idle();
    expect(ours.items()[1]).toMatchObject({
      field: 'comments',
      value: { id: answer.body['id'], from: { id: IG }, parent_id: comment.id },
    });
    const posts = await graph.get(`${IG}/media?fields=comments{text}`);
    expect(posts.body.data).toEqual([
      {
        id: comment.post_id,
        comments: expect.objectContaining({ data: [{ id: comment.id, text: 'Price?' }] }) as unknown,
      },
    ]);
    expect((await graph.get(`${comment.id}?fields=text,from,media`)).body).toEqual({
      id: comment.id,
      text: 'Price?',
      from: { id: comment.from, username: 'ida.moe' },
      media: { id: comment.post_id, media_product_type: 'FEED' },
    });
    const privately = { recipient: { comment_id: comment.id }, message: { text: 'A discount for you' } };
    expect((await graph.post(`${IG}/messages`, privately)).body).toMatchObject({ recipient_id: comment.from });
    expect(code(await graph.post(`${IG}/messages`, privately))).toEqual([400, 100, 2534025]);
    expect(meta.sent().map(({ channel, kind, comment_id }) => [channel, kind, comment_id])).toEqual([
      ['instagram_comment', 'comment', comment.id],
      ['instagram_dm', 'private_reply', comment.id],
    ]);
  });

  it('on a broadcast are answered privately only while it is on', async () => {
    const { meta, ours, graph } = await set();
    const first = meta.inbound({ channel: 'instagram_comment', live: true, text: 'now?' });
    const second = meta.inbound({ channel: 'instagram_comment', live: true, text: 'still?' });
    await meta.idle();
    expect(ours.items()[0]).toMatchObject({ field: 'live_comments', value: { id: first.id } });
    const privately = (id: string) => ({ recipient: { comment_id: id }, message: { text: 'yes' } });
    expect((await graph.post(`${IG}/messages`, privately(first.id))).status).toBe(200);
    meta.inbound({ channel: 'instagram_comment', kind: 'broadcast_end', post: first.post_id ?? '' });
    expect(code(await graph.post(`${IG}/messages`, privately(second.id)))).toEqual([400, 100, 2534025]);
  });

  it('are edited and removed without anybody being told', async () => {
    const { meta, ours, graph } = await set();
    const comment = meta.inbound({ channel: 'instagram_comment', text: 'a' });
    meta.inbound({ channel: 'instagram_comment', kind: 'edited', comment: comment.id, text: 'b' });
    expect((await graph.get(comment.id)).body['text']).toBe('b');
    meta.inbound({ channel: 'instagram_comment', kind: 'remove', comment: comment.id });
    expect(code(await graph.get(comment.id))).toEqual([400, 100, 33]);
    await meta.idle();
    expect(ours.items()).toHaveLength(1);
  });
});

describe('Instagram mentions', () => {
  it('come as ids only; text and author are asked for; the answer goes to /mentions', async () => {
    const { meta, ours, graph } = await set();
    const inComment = meta.inbound({
      channel: 'instagram_mention',
      from: { username: 'kai' },
      text: '@harbour.outdoor any good?',
    });
    const inCaption = meta.inbound({
      channel: 'instagram_mention',
      in: 'caption',
      from: { username: 'liv' },
      text: 'my tent',
    });
    await meta.idle();
    expect(ours.items()).toEqual([
      { field: 'mentions', value: { media_id: inComment.post_id, comment_id: inComment.id } },
      { field: 'mentions', value: { media_id: inCaption.id } },
    ]);
    const asked = await graph.get(
      `${IG}?fields=mentioned_comment.comment_id(${inComment.id}){text,username,timestamp}`,
    );
    expect(asked.body['mentioned_comment']).toMatchObject({
      text: '@harbour.outdoor any good?',
      username: 'kai',
      id: inComment.id,
    });
    const media = await graph.get(`${IG}?fields=mentioned_media.media_id(${inCaption.id}){caption,username}`);
    expect(media.body['mentioned_media']).toEqual({ caption: 'my tent', username: 'liv', id: inCaption.id });
    const answer = { media_id: inComment.post_id, comment_id: inComment.id, message: 'We think so' };
    const id = (await graph.post(`${IG}/mentions`, answer)).body['id'];
    expect(meta.sent()).toMatchObject([
      { id, channel: 'instagram_mention', comment_id: inComment.id, text: 'We think so' },
    ]);
    expect(code(await graph.post(`${inComment.id}/replies`, { message: 'no' }))).toEqual([400, 100, 33]);
    await meta.idle();
    expect(ours.items()).toHaveLength(2);
  });
});
