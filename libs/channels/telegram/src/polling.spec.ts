import { FaninError } from '@fanin/kernel';
import type { PollCapture, PollOutcome } from '@fanin/connector-kit';
import { startBot, type RunningBot } from './spec-support/running-bot.js';

const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const idsOf = ({ deliveries }: PollOutcome): unknown[] =>
  deliveries.map(({ body }) => (JSON.parse(body.toString('utf8')) as { update_id: number }).update_id);

describe('reading by getUpdates', () => {
  let bot: RunningBot;
  let door: PollCapture;
  beforeEach(async () => {
    bot = await startBot({ receive_by: 'polling' });
    door = bot.instance.reconcile as PollCapture;
  });
  afterEach(() => bot.server.stop());

  it('brings updates again until the cursor behind them is used', async () => {
    bot.server.write('one');
    bot.server.write('two');
    const first = await door.poll(null, signal());
    expect(first).toMatchObject({ cursor: '900003', more: false });
    expect(idsOf(await door.poll(null, signal()))).toEqual([900001, 900002]);
    expect(await door.poll(first.cursor, signal())).toMatchObject({ deliveries: [], cursor: '0' });
    expect(idsOf(await door.poll(null, signal()))).toEqual([]);
  });

  it('reads page after page', async () => {
    for (let at = 0; at < 130; at += 1) bot.server.write(`message ${at}`);
    const first = await door.poll(null, signal());
    expect([first.deliveries.length, first.more]).toEqual([100, true]);
    expect((await door.poll(first.cursor, signal())).deliveries).toHaveLength(30);
  });

  it('loses nothing when ids begin anew after a week of silence', async () => {
    bot.server.write('before');
    const { cursor } = await door.poll(null, signal());
    const silent = await door.poll(cursor, signal());
    bot.server.restartIdsAt(17);
    bot.server.write('after');
    expect(idsOf(await door.poll(silent.cursor, signal()))).toEqual([17]);
  });

  it('removes a webhook that is in the way, and says so', async () => {
    bot.server.webhook = { url: 'https://elsewhere.example/hook' };
    bot.server.write('waits');
    const moved = await door.poll(null, signal());
    expect(moved).toMatchObject({ more: true, deliveries: [], notices: [{ code: 'CONFIG' }] });
    expect(idsOf(await door.poll(moved.cursor, signal()))).toEqual([900001]);
  });

  it('waits when another program reads the bot', async () => {
    bot.server.refuse('getUpdates', { status: 409, description: 'Conflict: terminated by other getUpdates request' });
    await expect(door.poll(null, signal())).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('waits as long as a 429 says', async () => {
    const parameters = { retry_after: 7 };
    bot.server.refuse('getUpdates', { status: 429, description: 'Too Many Requests: retry after 7', parameters });
    await expect(door.poll(null, signal())).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7000 });
  });

  it('begins without an offset where upkeep left its cursor', async () => {
    bot.server.write('one');
    expect(idsOf(await door.poll('hook:0123', signal()))).toEqual([900001]);
  });

  it('names no address of a server that is away', async () => {
    await bot.server.stop();
    const error = await door.poll(null, signal()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FaninError);
    expect(error).toMatchObject({ code: 'TRANSIENT', message: 'getUpdates got no answer: ECONNREFUSED' });
    await bot.server.start();
  });
});
