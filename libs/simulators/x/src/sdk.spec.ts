import { ApiResponseError, TwitterApi } from 'twitter-api-v2';
import { compareIds, startXSimulator } from './index.js';
import type { XSimulator } from './index.js';
import { LoopbackAgent } from './spec-support/agent.js';
import { DAY, HOUR, MINUTE, TestClock } from './spec-support/clock.js';

describe('X, seen through twitter-api-v2', () => {
  const clock = new TestClock();
  let x: XSimulator;
  let dialled: string[];

  beforeEach(async () => {
    x = await startXSimulator({ clock });
    dialled = [];
  });
  afterEach(() => x.close());

  const settings = () => ({ httpAgent: new LoopbackAgent(x, dialled) });
  const user = () => new TwitterApi(x.tokens().accessToken, settings());
  const app = () => new TwitterApi(x.app.bearerToken, settings());
  const signed = () => {
    const { oauthToken, oauthTokenSecret } = x.tokens();
    return new TwitterApi(
      {
        appKey: x.app.consumerKey,
        appSecret: x.app.consumerSecret,
        accessToken: oauthToken,
        accessSecret: oauthTokenSecret,
      },
      settings(),
    );
  };
  const me = () => x.accounts()[0]?.id ?? '';
  const failure = async (call: Promise<unknown>): Promise<ApiResponseError> => {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ApiResponseError);
    return error as ApiResponseError;
  };

  it('says who we are, to OAuth 2 and to a signature of OAuth 1.0a', async () => {
    expect((await user().v2.me()).data).toEqual({ id: me(), name: 'Acme Help', username: 'AcmeHelp' });
    const { data } = await signed().v2.me({ 'user.fields': ['created_at', 'verified'] });
    expect(data).toMatchObject({ username: 'AcmeHelp', verified: false, created_at: expect.stringMatching(/Z$/) });
    expect(dialled).toEqual(['api.x.com', 'api.x.com']);
  });

  it('refuses a signature made with another secret', async () => {
    const { oauthToken } = x.tokens();
    const { consumerKey, consumerSecret } = x.app;
    const keys = { appKey: consumerKey, appSecret: consumerSecret, accessToken: oauthToken, accessSecret: 'wrong' };
    expect((await failure(new TwitterApi(keys, settings()).v2.me())).code).toBe(401);
  });

  it('pages mentions newest first, and a walk is not shifted by what comes meanwhile', async () => {
    const made = [];
    for (let number = 1; number <= 12; number += 1) {
      clock.advance(1000);
      made.push(x.inbound({ kind: 'mention', from: `customer${number}`, text: `question ${number}` }).id);
    }
    const first = await app().v2.userMentionTimeline(me(), { max_results: 5, expansions: ['author_id'] });
    x.inbound({ kind: 'mention', from: 'latecomer', text: 'one more' });
    const texts = first.tweets.map((tweet) => tweet.text);
    expect(texts[0]).toBe('@AcmeHelp question 12');
    expect(first.meta).toMatchObject({ result_count: 5, newest_id: made[11], oldest_id: made[7] });
    expect(first.includes.users.map((author) => author.username)).toContain('customer12');
    expect(first.tweets[0]?.author_id).toBe(first.includes.users[0]?.id);
    const all = [...first.tweets];
    let page = first;
    while (!page.done) {
      page = await page.next();
      all.push(...page.tweets);
    }
    expect(all.map((tweet) => tweet.id)).toEqual([...made].reverse());
  });

  it('gives only what is newer than since_id, also when that post is gone', async () => {
    const [old] = ['before', 'after'].map((text) => x.inbound({ kind: 'mention', from: 'alice', text }).id);
    x.inbound({ kind: 'delete', from: 'alice', id: old ?? '' });
    const page = await user().v2.userMentionTimeline(me(), { since_id: old ?? '' });
    expect(page.tweets.map((tweet) => tweet.text)).toEqual(['@AcmeHelp after']);
    const none = await user().v2.userMentionTimeline(me(), { since_id: page.meta.newest_id });
    expect(none.meta).toEqual({ result_count: 0 });
  });

  it('answers with attachments, the whole of a long post, and the post that is replied to', async () => {
    const own = x.inbound({ kind: 'own_post', text: 'We are back.' });
    const long = `${'very '.repeat(80)}long`;
    x.inbound({ kind: 'reply', from: 'alice', text: long, in_reply_to: own.id, media: [{ alt_text: 'a pixel' }] });
    const page = await user().v2.userMentionTimeline(me(), {
      'tweet.fields': ['note_tweet', 'conversation_id'],
      'media.fields': ['url', 'alt_text'],
      expansions: ['attachments.media_keys', 'referenced_tweets.id'],
    });
    const [reply] = page.tweets;
    expect(reply?.text.length).toBeLessThanOrEqual(280);
    expect(reply?.note_tweet?.text).toBe(`@AcmeHelp ${long}`);
    expect(reply?.conversation_id).toBe(own.id);
    expect(page.includes.tweets.map((tweet) => tweet.text)).toEqual(['We are back.']);
    expect(page.includes.media[0]).toMatchObject({ type: 'photo', alt_text: 'a pixel' });
    expect(page.includes.media[0]?.url).toMatch(/^https:\/\/pbs\.twimg\.com\/media\//);
    expect(page.includes.media[0]?.media_key).toBe(reply?.attachments?.media_keys?.[0]);
  });

  it('posts a reply that keeps the thread, refuses the same text again, and finds it for a reconcile', async () => {
    const question = x.inbound({ kind: 'mention', from: 'alice', text: 'where is my parcel?' });
    const { data } = await user().v2.reply('It is on its way.', question.id);
    expect(data.text).toBe('@alice It is on its way.');
    expect(compareIds(data.id, question.id)).toBeGreaterThan(0);
    const again = await failure(user().v2.reply('It is on its way.', question.id));
    expect(again.code).toBe(403);
    expect(again.data.detail).toContain('duplicate content');
    const own = await user().v2.userTimeline(me(), { 'tweet.fields': ['referenced_tweets', 'conversation_id'] });
    expect(own.tweets).toHaveLength(1);
    expect(own.tweets[0]).toMatchObject({
      id: data.id,
      conversation_id: question.conversation_id,
      referenced_tweets: [{ type: 'replied_to', id: question.id }],
    });
    expect((await user().v2.singleTweet(data.id)).data.id).toBe(data.id);
    expect(x.sent()).toEqual([
      expect.objectContaining({ kind: 'post', id: data.id, text: 'It is on its way.', in_reply_to: question.id }),
    ]);
    await user().v2.deleteTweet(data.id);
    expect((await user().v2.singleTweet(data.id)).errors?.[0]?.title).toBe('Not Found Error');
  });

  it('refuses what a post cannot be', async () => {
    const question = x.inbound({ kind: 'mention', from: 'alice', text: 'hm' });
    x.inbound({ kind: 'delete', from: 'alice' });
    expect((await failure(user().v2.tweet('x'.repeat(281)))).code).toBe(403);
    expect((await failure(user().v2.tweet('字'.repeat(141)))).code).toBe(403);
    expect((await failure(user().v2.tweet(''))).code).toBe(400);
    expect((await failure(user().v2.reply('too late', question.id))).data.detail).toContain('deleted');
    expect((await failure(app().v2.tweet('from nobody'))).code).toBe(403);
    expect(x.sent()).toEqual([]);
  });

  it('lists direct messages of thirty days, newest first, both directions', async () => {
    const at = (days: number) => clock.now() - days * DAY;
    x.inbound({ kind: 'dm', from: 'alice', text: 'too old', at: at(30) - 1 });
    x.inbound({ kind: 'dm', from: 'alice', text: 'old', at: at(29) });
    const { id, user_id: alice } = x.inbound({ kind: 'dm', from: 'alice', text: 'hello', media: [{}] });
    x.inbound({ kind: 'dm', from: 'bob', text: 'unrelated' });
    clock.advance(5);
    // The SDK types the answer without the `data` that X wraps it in.
    const answer: unknown = await user().v2.sendDmToParticipant(alice, { text: 'hello Alice' });
    const { data: sent } = answer as { data: { dm_event_id: string; dm_conversation_id: string } };
    const page = await user().v2.listDmEvents({
      max_results: 2,
      'dm_event.fields': ['sender_id', 'dm_conversation_id', 'created_at', 'attachments'],
      expansions: ['sender_id', 'attachments.media_keys'],
      'media.fields': ['url'],
    });
    const events = [...page.events];
    const rest = await page.next();
    events.push(...rest.events);
    expect(events.map((event) => 'text' in event && event.text)).toEqual(['hello Alice', 'unrelated', 'hello', 'old']);
    expect(events[0]).toMatchObject({ id: sent.dm_event_id, sender_id: me(), event_type: 'MessageCreate' });
    expect(events[2]).toMatchObject({ id, dm_conversation_id: sent.dm_conversation_id, sender_id: alice });
    expect(rest.includes.media[0]?.url).toContain(`https://ton.twitter.com/1.1/ton/data/dm/${id}/`);
    const withAlice = await user().v2.listDmEventsWithParticipant(alice);
    expect(withAlice.events).toHaveLength(3);
    const inConversation = await user().v2.listDmEventsOfConversation(sent.dm_conversation_id);
    expect(inConversation.events).toHaveLength(3);
  });

  it('shows direct messages to users only, and does not send to somebody who takes none', async () => {
    const refused = await failure(app().v2.listDmEvents());
    expect(refused.code).toBe(403);
    expect(refused.data.title).toBe('Unsupported Authentication');
    const { user_id: bob } = x.inbound({ kind: 'dm', from: 'bob', text: 'hi' });
    x.configure({ closed_dms: ['bob'] });
    expect((await failure(user().v2.sendDmToParticipant(bob, { text: 'hi Bob' }))).code).toBe(403);
  });

  it('rotates tokens: the old refresh token is good for nothing, and access tokens age', async () => {
    const client = () => new TwitterApi({ clientId: x.app.clientId, clientSecret: x.app.clientSecret }, settings());
    const before = x.tokens();
    clock.advance(2 * HOUR);
    expect((await failure(user().v2.me())).isAuthError).toBe(true);
    const fresh = await client().refreshOAuth2Token(before.refreshToken);
    expect(fresh.expiresIn).toBe(7200);
    expect(fresh.refreshToken).not.toBe(before.refreshToken);
    expect((await new TwitterApi(fresh.accessToken, settings()).v2.me()).data.username).toBe('AcmeHelp');
    const reused = await failure(client().refreshOAuth2Token(before.refreshToken));
    expect(reused.code).toBe(400);
    expect(reused.data.error).toBe('invalid_request');
    const stranger = new TwitterApi({ clientId: x.app.clientId, clientSecret: 'guess' }, settings());
    expect((await failure(stranger.refreshOAuth2Token(fresh.refreshToken ?? ''))).code).toBe(401);
  });

  it('ends every token with a revocation, and gives new ones with a new authorisation', async () => {
    const before = user();
    x.revoke();
    expect((await failure(before.v2.me())).data).toMatchObject({ status: 401, title: 'Unauthorized' });
    expect((await failure(signed().v2.me())).code).toBe(401);
    const client = new TwitterApi({ clientId: x.app.clientId, clientSecret: x.app.clientSecret }, settings());
    expect((await failure(client.refreshOAuth2Token(x.tokens().refreshToken))).code).toBe(400);
    x.authorise();
    expect((await user().v2.me()).data.username).toBe('AcmeHelp');
  });

  it('tells the limits in every answer and ends with 429 until the window is over', async () => {
    for (let call = 1; call <= 15; call += 1) {
      const { rateLimit } = await user().v2.listDmEvents();
      expect(rateLimit).toMatchObject({ limit: 15, remaining: 15 - call });
    }
    const error = await failure(user().v2.listDmEvents());
    expect(error.rateLimitError).toBe(true);
    expect(error.rateLimit).toMatchObject({ limit: 15, remaining: 0 });
    expect(error.rateLimit?.reset).toBe(Math.ceil((clock.now() + 15 * MINUTE) / 1000));
    expect(error.headers['retry-after']).toBeUndefined();
    clock.advance(15 * MINUTE);
    expect((await user().v2.listDmEvents()).rateLimit.remaining).toBe(14);
  });

  it('bills by the resource: 402 without credits, 429 usage-capped at the cap', async () => {
    for (const from of ['alice', 'bob', 'carol']) x.inbound({ kind: 'mention', from, text: 'hello' });
    x.configure({ posts_cap: 3 });
    expect((await user().v2.userMentionTimeline(me())).meta.result_count).toBe(3);
    const capped = await failure(user().v2.userMentionTimeline(me()));
    expect(capped.code).toBe(429);
    expect(capped.data.type).toContain('usage-capped');
    expect(capped.rateLimit?.remaining).toBeGreaterThan(0);
    x.configure({ posts_cap: null, credits: 1 });
    await user().v2.tweet('the last one');
    const depleted = await failure(user().v2.tweet('one too many'));
    expect(depleted.code).toBe(402);
    expect(depleted.data.title).toBe('CreditsDepleted');
    x.configure({ credits: null });
    await user().v2.tweet('paid');
  });

  it('answers a wrong question with 400 and says which', async () => {
    const error = await failure(user().v2.userMentionTimeline(me(), { max_results: 3 }));
    expect(error.code).toBe(400);
    expect(JSON.stringify(error.data)).toContain('not between 5 and 100');
    expect((await failure(user().v2.userMentionTimeline(me(), { pagination_token: 'junk' }))).code).toBe(400);
    expect((await user().v2.user('1')).errors?.[0]?.title).toBe('Not Found Error');
  });
});
