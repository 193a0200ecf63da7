import { startXSimulator } from '../index.js';
import type { XSimulator } from '../index.js';
import { startReceiver } from '../spec-support/receiver.js';
import type { Receiver } from '../spec-support/receiver.js';

const PUBLIC = 'https://support.example.com';
const ACME = '1500000000000000001';
const SHOP = '1500000000000000002';

describe('events of the Account Activity API', () => {
  let x: XSimulator;
  let receiver: Receiver;

  beforeEach(async () => {
    x = await startXSimulator({
      accounts: [
        { id: ACME, username: 'AcmeHelp', name: 'Acme Help' },
        { id: SHOP, username: 'AcmeShop' },
      ],
    });
    receiver = await startReceiver(x.app.clientSecret);
    x.configure({ hook_hosts: { [PUBLIC]: receiver.url } });
    await x.register({ url: `${PUBLIC}/hooks/acme` });
  });
  afterEach(async () => {
    await x.close();
    await receiver.close();
  });

  const told = async (): Promise<Record<string, unknown>[]> => {
    await x.idle();
    return receiver.received.splice(0).map(({ json }) => json);
  };

  it('carry a mention as a post of API v1.1', async () => {
    const made = x.inbound({
      kind: 'mention',
      from: { username: 'alice', name: 'Alice A.' },
      text: 'help me ☕ @AcmeHelp',
    });
    const [event] = await told();
    expect(event).toMatchObject({
      for_user_id: ACME,
      user_has_blocked: 'false',
      tweet_create_events: [
        {
          id_str: made.id,
          id: Number(made.id),
          text: 'help me ☕ @AcmeHelp',
          truncated: false,
          created_at: expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \+0000 \d{4}$/),
          in_reply_to_status_id_str: null,
          user: { id_str: made.user_id, screen_name: 'alice', name: 'Alice A.' },
          entities: { user_mentions: [{ id_str: ACME, screen_name: 'AcmeHelp', indices: [10, 19] }] },
        },
      ],
    });
  });

  it('carry a reply with what it answers, and the whole text of a long one', async () => {
    const own = x.inbound({ kind: 'own_post', text: 'We are open.' });
    const [echo] = await told();
    expect(echo).toMatchObject({ for_user_id: ACME, tweet_create_events: [{ user: { id_str: ACME } }] });
    expect(echo).not.toHaveProperty('user_has_blocked');
    const text = `@AcmeHelp ${'blah '.repeat(100)}end`;
    x.inbound({ kind: 'reply', from: 'alice', text, media: [{ type: 'video' }] });
    const [event] = (await told()) as { tweet_create_events: Record<string, unknown>[] }[];
    expect(event?.tweet_create_events[0]).toMatchObject({
      in_reply_to_status_id_str: own.id,
      in_reply_to_user_id_str: ACME,
      in_reply_to_screen_name: 'AcmeHelp',
      truncated: true,
      extended_tweet: { full_text: text, entities: { user_mentions: [{ id_str: ACME }] } },
      extended_entities: { media: [{ type: 'video', video_info: { variants: [{ content_type: 'video/mp4' }] } }] },
    });
  });

  it('carry direct messages with both people, a picture as attachment', async () => {
    const made = x.inbound({ kind: 'dm', from: 'alice', text: 'my receipt', media: [{}] });
    const [event] = await told();
    expect(event).toMatchObject({
      for_user_id: ACME,
      direct_message_events: [
        {
          type: 'message_create',
          id: made.id,
          message_create: {
            target: { recipient_id: ACME },
            sender_id: made.user_id,
            message_data: {
              text: expect.stringMatching(/^my receipt https:\/\/t\.co\//),
              attachment: {
                type: 'media',
                media: { media_url_https: expect.stringContaining(`/data/dm/${made.id}/`) },
              },
            },
          },
        },
      ],
      users: { [made.user_id]: { screen_name: 'alice' }, [ACME]: { screen_name: 'AcmeHelp' } },
    });
  });

  it('tell two subscribed accounts of one message twice, with one id', async () => {
    const made = x.inbound({ kind: 'own_dm', account: 'AcmeShop', to_user: 'AcmeHelp', text: 'yours?' });
    const events = (await told()) as { for_user_id: string; direct_message_events: { id: string }[] }[];
    expect(events.map((event) => event.for_user_id).sort()).toEqual([ACME, SHOP]);
    expect(events.map((event) => event.direct_message_events[0]?.id)).toEqual([made.id, made.id]);
  });

  it('keep accounts apart', async () => {
    x.inbound({ kind: 'dm', from: 'alice', to: 'AcmeShop', text: 'to the shop' });
    x.inbound({ kind: 'mention', from: 'alice', to: SHOP, text: 'to the shop' });
    expect((await told()).map((event) => event['for_user_id'])).toEqual([SHOP, SHOP]);
  });

  it('carry typing, reading, likes, follows and edits', async () => {
    const sent = x.inbound({ kind: 'own_dm', to_user: 'alice', text: 'hello Alice' });
    const post = x.inbound({ kind: 'own_post', text: 'We are open.' });
    const mention = x.inbound({ kind: 'mention', from: 'alice', text: 'yes' });
    await told();
    x.inbound({ kind: 'typing', from: 'alice' });
    x.inbound({ kind: 'read', from: 'alice' });
    x.inbound({ kind: 'like', from: 'alice' });
    x.inbound({ kind: 'follow', from: 'alice' });
    const edited = x.inbound({ kind: 'edit', from: 'alice', id: mention.id, text: '@AcmeHelp yes!' });
    const all = Object.assign({}, ...(await told())) as Record<string, Record<string, unknown>[]>;
    expect(all['direct_message_indicate_typing_events']?.[0]).toMatchObject({ target: { recipient_id: ACME } });
    expect(all['direct_message_mark_read_events']?.[0]).toMatchObject({ last_read_event_id: sent.id });
    expect(all['favorite_events']?.[0]).toMatchObject({ favorited_status: { id_str: post.id } });
    expect(all['follow_events']?.[0]).toMatchObject({ type: 'follow', source: { screen_name: 'alice' } });
    expect(all['tweet_create_events']?.[0]).toMatchObject({
      id_str: edited.id,
      edit_history: { edit_tweet_ids: [mention.id, edited.id] },
    });
  });

  it('carry deletions: of customers too, unless told to keep to the documents', async () => {
    const first = x.inbound({ kind: 'mention', from: 'alice', text: 'oops' });
    await told();
    x.inbound({ kind: 'delete', from: 'alice' });
    expect(await told()).toMatchObject([
      { tweet_delete_events: [{ status: { id: first.id, user_id: first.user_id } }] },
    ]);
    x.configure({ deletes_of_others: false });
    x.inbound({ kind: 'mention', from: 'alice', text: 'oops again' });
    await told();
    x.inbound({ kind: 'delete', from: 'alice' });
    expect(await told()).toEqual([]);
  });

  it('end with a revocation, which takes the subscription along', async () => {
    x.revoke('AcmeShop');
    expect(await told()).toEqual([
      {
        user_event: {
          revoke: {
            date_time: expect.stringMatching(/\+00:00$/),
            target: { app_id: x.app.id },
            source: { user_id: SHOP },
          },
        },
      },
    ]);
    expect(x.webhooks()[0]?.subscriptions).toEqual([ACME]);
    x.inbound({ kind: 'dm', from: 'alice', to: 'AcmeShop', text: 'hello?' });
    expect(await told()).toEqual([]);
  });
});
