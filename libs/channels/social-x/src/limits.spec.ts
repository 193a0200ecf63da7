import { FaninError } from '@fanin/kernel';
import { XWorld } from './testing/x-world.js';

async function failureOf(world: XWorld): Promise<FaninError | undefined> {
  return world.reconcile().then(
    () => undefined,
    (error: unknown) => (error instanceof FaninError ? error : new FaninError('BUG', String(error))),
  );
}

describe('the limits of X', () => {
  let world: XWorld;
  beforeEach(async () => {
    world = await XWorld.open({ config: { receive_by: 'polling', direct_messages: false } });
    await world.reconcile();
  });
  afterEach(() => world.close());

  it.each([
    ['the credits are used up (402)', { credits: 0 }, { credits: null }],
    ['the monthly cap is used up (429 usage-capped)', { posts_cap: 0 }, { posts_cap: null }],
  ])('%s: calls rest for an hour, people are told, and nothing is missing afterwards', async (_, used, free) => {
    world.x.configure(used);
    world.x.inbound({ kind: 'mention', from: 'ada', text: 'unread' });
    world.clock.advance(120_000);
    const failure = await failureOf(world);
    expect(failure?.code).toBe('RATE_LIMITED');
    expect(failure?.retryAfterMs).toBeGreaterThan(45 * 60_000);
    expect(world.notices).toMatchObject([{ code: 'RATE_LIMITED', message: expect.stringContaining('rests until') }]);
    expect(world.notices[0]?.message).not.toContain('..');
    world.x.configure(free);
    // Asked before its time, it does not ask X.
    world.clock.advance(30 * 60_000);
    expect((await failureOf(world))?.retryAfterMs).toBeLessThan(31 * 60_000);
    expect(world.desk.messages.size).toBe(0);
    world.clock.advance(31 * 60_000);
    await world.reconcile();
    expect(world.desk.texts()).toEqual(['@AcmeHelp unread']);
    expect(world.notices.at(-1)?.message).toContain('X answers again');
  });

  it('an ordinary 429 rests until x-rate-limit-reset', async () => {
    world.x.faults.add({ where: 'api', kind: 'status', status: 429, match: 'mentions', delayMs: 300_000, times: 1 });
    world.x.inbound({ kind: 'mention', from: 'ada', text: 'later' });
    world.clock.advance(120_000);
    const failure = await failureOf(world);
    expect(failure?.code).toBe('RATE_LIMITED');
    expect(failure?.retryAfterMs).toBeGreaterThan(290_000);
    expect(failure?.retryAfterMs).toBeLessThan(310_000);
    expect(world.notices).toEqual([]);
    world.clock.advance(302_000);
    await world.reconcile();
    expect(world.desk.texts()).toEqual(['@AcmeHelp later']);
  });

  it('an absence of more than 30 days is told as a gap in the direct messages', async () => {
    await world.close();
    world = await XWorld.open({ config: { receive_by: 'polling' } });
    await world.reconcile();
    await world.stop();
    world.clock.advance(31 * 24 * 60 * 60_000);
    world.start();
    await world.reconcile();
    expect(world.notices).toMatchObject([{ code: 'GAP', message: expect.stringContaining('last 30 days only') }]);
  });
});
