import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { runPoison, type PoisonOptions } from './run-poison.js';

const SHORT = { records: 2_500, bad: 25, seed: 20_261_122 };

describe('poison on the log in PostgreSQL', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestDatabase();
  });
  afterEach(() => database.stop());

  const run = (options: Partial<PoisonOptions> = {}) => runPoison({ databaseUrl: database.url, ...SHORT, ...options });

  it('is set aside with reason and payload, stops nobody, and comes through once after a fix, also when re-driven twice', async () => {
    expect(await run()).toMatchObject({
      problems: [],
      bad: 25,
      deadLetters: 25,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      redriven: [25, 0, 25],
      through: 25,
    });
  });

  it.each([
    // Of each kind of poison one; less than is asked for shows that the trial would see it.
    ['dead letters', ['dead letters: 0, and 12 were bad']],
    ['isolation', ['not at rest: there is a lag, or the outbox is not empty']],
    ['stable ids', ['doubled: poison-m']],
  ] as const)('turns red without %s', async (without, signs) => {
    const verdict = await run({ records: 240, bad: 12, without, restMs: without === 'isolation' ? 4_000 : 60_000 });
    for (const sign of signs)
      expect(verdict.problems).toEqual(expect.arrayContaining([expect.stringContaining(sign) as string]));
    if (without === 'isolation') expect(verdict.lost).toBeGreaterThan(0);
  });
});
