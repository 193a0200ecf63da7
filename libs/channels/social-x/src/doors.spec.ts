import { webhookRequest, type MessageDraft } from '@fanin/connector-kit';
import { sign, SIGNATURE_HEADER, LEGACY_SIGNATURE_HEADER } from './verify.js';
import { inWorld, replyTo, SENDING, type XWorld } from './testing/x-world.js';

const seen = (world: XWorld): MessageDraft[] => [...world.desk.messages.values()];

describe('what X pushes', () => {
  it('registers and subscribes by itself, and takes what comes', async () => {
    await inWorld({ config: { receive_by: 'webhook' } }, async (world) => {
      await world.reconcile();
      expect(world.x.webhooks()).toMatchObject([{ url: 'https://fanin.example/hooks/shop-x', valid: true }]);
      expect(world.x.webhooks()[0]?.subscriptions).toEqual([world.config.user_id]);
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'Where is 1001?', media: [{ type: 'photo' }] });
      world.x.inbound({ kind: 'dm', from: 'ada', text: 'And 1002?', media: [{ type: 'photo' }] });
      world.x.inbound({ kind: 'typing', from: 'ada' });
      await world.x.idle();
      const [mention, message] = seen(world).sort((one) => (one.visibility === 'public' ? -1 : 1));
      expect(mention).toMatchObject({ visibility: 'public', text: expect.stringContaining('Where is 1001?') });
      expect(message).toMatchObject({ visibility: 'private', text: 'And 1002?' });
      expect(mention?.sender.id).toBe(message?.sender.id);
      expect(world.desk.ignored).toEqual(['typing']);
      for (const draft of [mention, message]) {
        const [attachment] = draft?.attachments ?? [];
        if (attachment === undefined || !('ref' in attachment)) throw new Error('no attachment');
        const fetched = await world.instance.media?.fetch(attachment, { signal: AbortSignal.timeout(5000) });
        expect(fetched?.contentType).toBe('image/png');
        expect(fetched?.content.length).toBeGreaterThan(50);
      }
    });
  });

  it('edits and deletions change the message, a read mark becomes a receipt', async () => {
    await inWorld({}, async (world) => {
      await world.reconcile();
      const { id } = world.x.inbound({ kind: 'mention', from: 'ada', text: 'first' });
      await world.x.idle();
      const edit = world.x.inbound({ kind: 'edit', from: 'ada', id, text: '@AcmeHelp second' });
      await world.x.idle();
      world.x.inbound({ kind: 'delete', from: 'ada', id: edit.id });
      await world.x.idle();
      const changes = seen(world).map(({ amends }) => amends);
      expect(changes).toEqual([
        undefined,
        { provider_message_id: id, change: 'edited', value: null },
        { provider_message_id: edit.id, change: 'deleted', value: null },
      ]);
      const sent = world.x.inbound({ kind: 'own_dm', to_user: 'ada', text: 'On its way' });
      world.x.inbound({ kind: 'read', from: 'ada', last_read_event_id: sent.id });
      await world.x.idle();
      expect(world.desk.ignored).toContain('own_echo');
      expect(world.desk.receipts).toMatchObject([
        { status: 'read', provider_message_id: sent.id },
        { status: 'read', watermark: { conversation_key: expect.stringMatching(/^dm:\d+-\d+$/) } },
      ]);
    });
  });

  it('of what the shop writes with other tools becomes its own messages, when the app is named', async () => {
    await inWorld({}, async (world) => {
      world.renew({ app_id: world.x.app.id, app_name: world.x.app.name });
      await world.stop();
      world.start();
      await world.reconcile();
      const mention = world.x.inbound({ kind: 'mention', from: 'ada', text: 'anybody there?' });
      await world.x.idle();
      const [draft] = seen(world);
      if (draft === undefined) throw new Error('X pushed nothing');
      await world.instance.deliver?.send(replyTo(draft, 'By Fanin'), SENDING);
      world.x.inbound({ kind: 'own_post', text: 'By phone', in_reply_to: mention.id });
      world.x.inbound({ kind: 'own_dm', to_user: 'ada', text: 'By phone, privately' });
      world.x.inbound({ kind: 'own_post', text: 'New lamps!' });
      await world.x.idle();
      await world.reconcile();
      const own = seen(world).filter(({ author }) => author === 'account');
      expect(own.map(({ text, recipients }) => [text, recipients[0]?.id])).toEqual([
        ['By phone', `x:${mention.user_id}`],
        ['By phone, privately', `x:${mention.user_id}`],
      ]);
      expect(own[0]).toMatchObject({ conversation_key: draft.conversation_key, visibility: 'public' });
      expect(new Set(world.desk.ignored)).toEqual(new Set(['own_echo']));
    });
  });

  it('is refused with a clear 403 where the account polls only', async () => {
    await inWorld({ config: { receive_by: 'polling', bearer_token: undefined } }, async (world) => {
      const body = Buffer.from('{}');
      const { capture } = world.instance;
      if (capture.shape !== 'webhook') throw new Error('no webhook');
      const headers = { [SIGNATURE_HEADER]: sign(String(world.config.client_secret), body) };
      expect(capture.verify(webhookRequest({ body, headers }))).toEqual({
        ok: false,
        status: 403,
        reason: "this account takes no webhooks: its receive_by is 'polling'",
      });
      await world.reconcile();
      expect(world.x.webhooks()).toEqual([]);
      expect(world.instance.hooks).toEqual([]);
    });
  });

  it('is judged by the newer signature where there are two, and a challenge signs no delivery', async () => {
    await inWorld({ config: { consumer_secret: 'consumer-secret' } }, async (world) => {
      const { capture } = world.instance;
      if (capture.shape !== 'webhook') throw new Error('no webhook');
      const body = Buffer.from('{"for_user_id":"1"}');
      const right = sign(String(world.config.client_secret), body);
      const legacy = sign('consumer-secret', body);
      const verdict = (headers: Record<string, string>): boolean =>
        capture.verify(webhookRequest({ body, headers })).ok;
      expect(verdict({ [SIGNATURE_HEADER]: right, [LEGACY_SIGNATURE_HEADER]: 'sha256=wrong' })).toBe(true);
      expect(verdict({ [SIGNATURE_HEADER]: 'sha256=wrong', [LEGACY_SIGNATURE_HEADER]: legacy })).toBe(false);
      expect(verdict({ [LEGACY_SIGNATURE_HEADER]: legacy })).toBe(true);
      const forged = webhookRequest({ method: 'GET', body: Buffer.alloc(0), query: { crc_token: body.toString() } });
      expect(capture.verify(forged)).toMatchObject({ ok: false, status: 403 });
    });
  });

  it('for another account of the app goes to that account', async () => {
    const accounts = [
      { id: '1500000000000000001', username: 'AcmeHelp' },
      { id: '1500000000000000002', username: 'AcmeShop' },
    ];
    await inWorld({ simulator: { accounts } }, async (world) => {
      const { capture } = world.instance;
      if (capture.shape !== 'webhook') throw new Error('no webhook');
      const body = Buffer.from('{"for_user_id":"1500000000000000002","tweet_create_events":[]}');
      const headers = { [SIGNATURE_HEADER]: sign(String(world.config.client_secret), body) };
      const taken: (string | undefined)[] = [];
      const emit = (deliveries: readonly { readonly accountId?: string }[]): Promise<string[]> => {
        taken.push(...deliveries.map(({ accountId }) => accountId));
        return Promise.resolve(['d']);
      };
      await capture.receive(webhookRequest({ body, headers }), emit);
      const second = world.another('shop-2', { user_id: '1500000000000000002', username: 'AcmeShop' });
      await capture.receive(webhookRequest({ body, headers }), emit);
      await second.close();
      await capture.receive(webhookRequest({ body, headers }), emit);
      expect(taken).toEqual([undefined, 'shop-2', undefined]);
    });
  });
});

describe('both doors', () => {
  it('take each message once, under one id and one conversation', async () => {
    await inWorld({}, async (world) => {
      await world.reconcile();
      const mention = world.x.inbound({ kind: 'mention', from: 'ada', text: 'one' });
      world.x.inbound({ kind: 'reply', from: 'bob', text: 'two', in_reply_to: mention.id });
      const own = world.x.inbound({ kind: 'own_post', text: 'We look into it', in_reply_to: mention.id });
      world.x.inbound({ kind: 'reply', from: 'ada', text: '@AcmeHelp three', in_reply_to: own.id });
      world.x.inbound({ kind: 'dm', from: 'ada', text: 'four' });
      await world.x.idle();
      const pushed = new Map(world.desk.messages);
      // Those that speak to the account; bob's reply to ada names nobody else.
      expect(pushed.size).toBeGreaterThanOrEqual(3);
      await world.reconcile();
      expect(world.desk.duplicates).toBeGreaterThanOrEqual(3);
      expect([...world.desk.messages.keys()]).toEqual([...pushed.keys()]);
      const polledAgain = world.desk.captured;
      await world.reconcile();
      expect(world.desk.captured).toBe(polledAgain);
    });
  });

  it('take each message once when X delivers everything twice, and out of order', async () => {
    await inWorld({}, async (world) => {
      await world.reconcile();
      world.x.faults.add({ where: 'webhook', kind: 'duplicate' });
      world.x.faults.add({ where: 'webhook', kind: 'reorder', times: 5 });
      for (let n = 0; n < 12; n += 1)
        world.x.inbound({ kind: n % 3 === 0 ? 'dm' : 'mention', from: `c${n % 4}`, text: `message ${n}` });
      await world.x.idle();
      world.x.faults.clear();
      await world.reconcile();
      expect(new Set(world.desk.texts()).size).toBe(12);
      expect(world.desk.messages.size).toBe(12);
      expect(world.desk.duplicates).toBeGreaterThanOrEqual(12);
    });
  });

  it('polling brings pages of a long backlog oldest first, and moves its floor only at the end', async () => {
    await inWorld({ config: { receive_by: 'polling', bearer_token: undefined } }, async (world) => {
      await world.reconcile();
      for (let n = 0; n < 620; n += 1) world.x.inbound({ kind: 'mention', from: `c${n % 7}`, text: `mention ${n}` });
      const start = world.cursor;
      const door = world.instance.reconcile;
      const first = await door?.poll(start, AbortSignal.timeout(20_000));
      const next = first?.deliveries.length === 0 ? await door?.poll(first.cursor, AbortSignal.timeout(20_000)) : first;
      if (next === undefined) throw new Error('no outcome');
      expect(next.deliveries).toHaveLength(500);
      expect(next).toMatchObject({ more: true, backfilling: true });
      const floorOf = (cursor: string | null): unknown =>
        (JSON.parse(cursor ?? '{}') as { mentions?: { floor?: unknown } }).mentions?.floor;
      expect(floorOf(next.cursor)).toBe(floorOf(start));
      // The process dies with the first part stored: another one goes on, and nothing is missing.
      await world.emit(next.deliveries);
      world.cursor = next.cursor;
      await world.stop();
      world.start();
      await world.reconcile();
      expect(new Set(world.desk.texts()).size).toBe(620);
      expect(world.desk.messages.size).toBe(620);
      expect(world.desk.duplicates).toBe(0);
      expect(floorOf(world.cursor)).not.toBe(floorOf(start));
    });
  }, 60_000);

  it.each(['polling', 'both'] as const)('an outage of 60 s leaves no gap and no double (%s)', async (receive_by) => {
    await inWorld({ config: { receive_by } }, async (world) => {
      await world.reconcile();
      world.x.inbound({ kind: 'mention', from: 'ada', text: 'before' });
      await world.x.idle();
      await world.stop();
      for (let n = 0; n < 20; n += 1) {
        world.x.inbound({ kind: n % 2 === 0 ? 'mention' : 'dm', from: `c${n}`, text: `missed ${n}` });
        world.clock.advance(3000);
      }
      await world.x.idle();
      world.start();
      await world.reconcile();
      expect(world.desk.texts().filter((text) => text.includes('missed'))).toHaveLength(20);
      expect(world.desk.texts().filter((text) => text.includes('before'))).toHaveLength(1);
    });
  });
});
