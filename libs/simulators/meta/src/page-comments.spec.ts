import { code, graphClient } from './testing/graph-client.js';
import { started } from './testing/started.js';
import type { Started } from './testing/started.js';

const PAGE = '104857620015542';
const TOKEN = 'EAALrdemoPageToken104857620015542';
const DAY_MS = 86_400_000;
let all: Started;

beforeEach(async () => (all = await started()));
afterEach(() => all.close());

const valueOf = (item: Record<string, unknown> | undefined) => item?.['value'] as Record<string, unknown>;

it('comments on the Page are told when added, edited and removed, with post and parent', async () => {
  const { meta, ours } = all;
  const top = meta.inbound({ channel: 'page_comment', from: { name: 'Ida Moe' }, text: 'Waterproof?', photo: {} });
  const reply = meta.inbound({ channel: 'page_comment', from: { name: 'Kai' }, text: 'It is', parent: top.id });
  meta.inbound({ channel: 'page_comment', kind: 'edited', comment: top.id, text: 'Waterproof at all?' });
  meta.inbound({ channel: 'page_comment', kind: 'remove', comment: reply.id });
  await meta.idle();
  const values = new Map(
    ours
      .items()
      .map((item) => [`${String(valueOf(item)['verb'])} ${String(valueOf(item)['comment_id'])}`, valueOf(item)]),
  );
  expect(ours.items().every((item) => item['field'] === 'feed')).toBe(true);
  expect(values.get(`add ${top.id}`)).toMatchObject({
    from: { id: top.from, name: 'Ida Moe' },
    item: 'comment',
    message: 'Waterproof?',
    post_id: top.post_id,
    parent_id: top.post_id,
    photo: expect.stringContaining('/cdn/v/') as string,
    created_time: Math.floor(Date.parse(top.at) / 1000),
  });
  expect(values.get(`add ${reply.id}`)).toMatchObject({ parent_id: top.id, post_id: top.post_id });
  expect(values.get(`edited ${top.id}`)).toMatchObject({ message: 'Waterproof at all?' });
  expect(values.get(`remove ${reply.id}`)).not.toHaveProperty('message');
  expect(top.post_id).toMatch(new RegExp(`^${PAGE}_\\d+$`));
  expect(top.id.split('_')[0]).toBe(top.post_id?.split('_')[1]);
});

it('a public answer stands under the comment and comes back as a change of our own', async () => {
  const { meta, ours } = all;
  const graph = graphClient(meta, TOKEN);
  const comment = meta.inbound({ channel: 'page_comment', from: { name: 'Ida Moe' }, text: 'Price?' });
  const answer = await graph.post(`${comment.id}/comments`, { message: '219.90' });
  await meta.idle();
  expect(valueOf(ours.items().at(-1))).toMatchObject({
    comment_id: answer.body['id'],
    from: { id: PAGE },
    parent_id: comment.id,
  });
  expect(meta.sent()).toMatchObject([
    { id: answer.body['id'], channel: 'page_comment', kind: 'comment', comment_id: comment.id },
  ]);
  const read = await graph.get(`${comment.id}?fields=message,from,can_reply_privately,comment_count,comments{message}`);
  expect(read.body).toMatchObject({
    message: 'Price?',
    from: { name: 'Ida Moe' },
    can_reply_privately: true,
    comment_count: 1,
    comments: { data: [{ id: answer.body['id'], message: '219.90' }] },
  });
  const feed = await graph.get(`${PAGE}/feed?fields=message,comments.limit(1){message}`);
  expect(feed.body.data).toMatchObject([
    { id: comment.post_id, comments: { data: [{ id: comment.id, message: 'Price?' }] } },
  ]);
  expect(code(await graph.post(`${comment.id}/comments`, {}))).toEqual([400, 100, undefined]);
  expect((await graph.remove(String(answer.body['id']))).body).toEqual({ success: true });
  expect((await graph.get(`${comment.id}/comments`)).body.data).toEqual([]);
});

it('a private answer goes once, within 7 days, not to ourselves, and opens no window', async () => {
  const { meta, ours, clock } = all;
  const graph = graphClient(meta, TOKEN);
  const comment = meta.inbound({ channel: 'page_comment', text: 'Price?' });
  const old = meta.inbound({ channel: 'page_comment', text: 'Long ago', at: clock.now() - 7 * DAY_MS - 1 });
  const privately = (id: string) => ({ recipient: { comment_id: id }, message: { text: '219.90' } });
  const answer = await graph.post(`${PAGE}/messages`, privately(comment.id));
  expect(answer.body).toMatchObject({ recipient_id: comment.from });
  expect(code(await graph.post(`${PAGE}/messages`, privately(comment.id)))).toEqual([400, 10900, undefined]);
  expect(code(await graph.post(`${PAGE}/messages`, privately(old.id)))).toEqual([400, 10903, undefined]);
  expect(code(await graph.post(`${PAGE}/messages`, privately('1_2')))).toEqual([400, 100, 2018292]);
  const own = await graph.post(`${comment.id}/comments`, { message: 'See your inbox' });
  expect(code(await graph.post(`${PAGE}/messages`, privately(String(own.body['id']))))).toEqual([
    400,
    10903,
    undefined,
  ]);
  expect((await graph.get(`${comment.id}?fields=can_reply_privately`)).body['can_reply_privately']).toBe(false);
  const more = { recipient: { id: comment.from }, message: { text: 'and more' } };
  expect(code(await graph.post(`${PAGE}/messages`, more))).toEqual([400, 10, 2018278]);
  meta.inbound({ channel: 'messenger', from: comment.from, text: 'thanks' });
  expect((await graph.post(`${PAGE}/messages`, more)).status).toBe(200);
  await meta.idle();
  expect(ours.items()).toContainEqual(
    expect.objectContaining({
      message: expect.objectContaining({ mid: answer.body['message_id'], is_echo: true }) as unknown,
    }),
  );
});
