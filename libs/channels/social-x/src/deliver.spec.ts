import { SendUncertain, type MessageDraft, type SendOutcome } from '@fanin/connector-kit';
import type { OutboundMessageV1 } from '@fanin/contracts';
import { replyTo, SENDING, XWorld } from './testing/x-world.js';
import { weightOf } from './post-weight.js';

describe('replies', () => {
  let world: XWorld;
  let mention: MessageDraft;
  let message: MessageDraft;
  beforeEach(async () => {
    world = await XWorld.open();
    await world.reconcile();
    world.x.inbound({ kind: 'mention', from: 'ada', text: 'in public' });
    world.x.inbound({ kind: 'dm', from: 'ada', text: 'in private' });
    await world.x.idle();
    const all = [...world.desk.messages.values()];
    const [first, second] = [
      all.find((each) => each.visibility === 'public'),
      all.find((each) => each.visibility === 'private'),
    ];
    if (first === undefined || second === undefined) throw new Error('X pushed nothing');
    [mention, message] = [first, second];
  });
  afterEach(() => world.close());

  const send = (reply: OutboundMessageV1): Promise<SendOutcome> => {
    const { deliver } = world.instance;
    if (deliver === undefined) throw new Error('there is no deliver');
    return deliver.send(reply, SENDING);
  };

  it('go into the thread with the mention kept, and into the direct conversation', async () => {
    const inPublic = await send(replyTo(mention, 'We look into it.'));
    const privately = await send(replyTo(message, 'It is on its way.'));
    expect(world.x.sent()).toMatchObject([
      { kind: 'post', text: '@ada We look into it.', in_reply_to: mention.provider_message_id },
      { kind: 'dm', text: 'It is on its way.', to: 'ada' },
    ]);
    const ids = world.x.sent().map(({ id }) => id);
    expect([inPublic, privately]).toMatchObject([
      { status: 'sent', providerMessageId: ids[0] },
      { status: 'sent', providerMessageId: ids[1] },
    ]);
    await world.x.idle();
    expect(world.desk.ignored.filter((rule) => rule === 'own_echo')).toHaveLength(2);
  });

  it('to a public post go out privately when the agent says so, never a private one in public', async () => {
    await send(replyTo(mention, 'Your order number, please?', { visibility: 'private' }));
    expect(world.x.sent()).toMatchObject([{ kind: 'dm', to: 'ada', text: 'Your order number, please?' }]);
    expect(await send(replyTo(message, 'Look here', { visibility: 'public' }))).toMatchObject({
      status: 'failed',
      code: 'UNSUPPORTED',
    });
    expect(world.x.sent()).toHaveLength(1);
  });

  it('that X would not take are refused with what to do', async () => {
    const long = await send(replyTo(mention, 'x'.repeat(281)));
    expect(long).toMatchObject({ status: 'failed', reason: expect.stringContaining('weighs 281 of the 280') });
    const full = await send(replyTo(mention, 'y'.repeat(280)));
    expect(full.status).toBe('sent');
    world.x.configure({ closed_dms: ['ada'] });
    const closed = await send(replyTo(message, 'Hello?'));
    expect(closed).toMatchObject({
      status: 'failed',
      code: 'UNSUPPORTED',
      reason: expect.stringContaining('takes no direct messages'),
    });
    await send(replyTo(mention, 'Thanks!'));
    const twice = await send(replyTo(mention, 'Thanks!', { created_at: new Date(Date.now() + 120_000).toISOString() }));
    expect(twice).toMatchObject({
      status: 'failed',
      code: 'BAD_PAYLOAD',
      reason: expect.stringContaining('the same words'),
    });
  });

  it.each(['public', 'private'] as const)(
    'that were cut off are found at X, or known to be absent (%s)',
    async (where) => {
      const reply = replyTo(
        where === 'public' ? mention : message,
        `Here <you> & "they" are: https://shop.example/1 ${where}`,
      );
      const since = new Date(world.clock.now());
      const context = { signal: SENDING.signal, since, known: new Set<string>() };
      const reconcile = world.instance.deliver?.reconcile?.bind(world.instance.deliver);
      world.x.faults.add({ where: 'api', kind: 'drop', match: 'tweets$|messages$', times: 1 });
      await expect(send(reply)).rejects.toBeInstanceOf(SendUncertain);
      // X lists a little later than it takes: too early to say.
      await expect(reconcile?.(reply, context)).rejects.toMatchObject({ code: 'TRANSIENT' });
      world.clock.advance(20_000);
      expect(await reconcile?.(reply, context)).toEqual({ status: 'absent' });
      world.x.faults.add({ where: 'api', kind: 'no_answer_after_accept', match: 'tweets$|messages$', times: 1 });
      await expect(send(reply)).rejects.toBeInstanceOf(SendUncertain);
      const [sent] = world.x.sent();
      expect(await reconcile?.(reply, context)).toEqual({ status: 'sent', providerMessageId: sent?.id });
      world.clock.advance(20_000);
      const known = new Set([sent?.id ?? '']);
      expect(await reconcile?.(reply, { ...context, known })).toEqual({ status: 'absent' });
      expect(world.x.sent()).toHaveLength(1);
    },
  );

  it('meet a token that ran out, and a busy X, without being lost or doubled', async () => {
    world.x.expire();
    expect(await send(replyTo(mention, 'After the renewal'))).toMatchObject({ status: 'sent' });
    world.x.faults.add({ where: 'api', kind: 'status', status: 429, match: 'tweets', delayMs: 60_000, times: 1 });
    const limited = send(replyTo(mention, 'Too soon'));
    await expect(limited).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    world.x.faults.add({ where: 'api', kind: 'status', status: 503, match: 'tweets', times: 1 });
    await expect(send(replyTo(mention, 'Perhaps'))).rejects.toBeInstanceOf(SendUncertain);
    expect(world.x.sent()).toHaveLength(1);
  });
});

describe('the weight of a post', () => {
  it.each([
    ['plain words', 11],
    ['café', 4],
    ['cafe\u0301', 4],
    ['日本語', 6],
    ['see https://shop.example/a/very/long/address?with=many&parts=1', 27],
    ['👩‍👩‍👧‍👦', 2],
    ['👍🏽🇩🇪', 4],
    ['“quoted” — dash…', 17],
  ])('%s', (text, weight) => {
    expect(weightOf(text)).toBe(weight);
  });
});
