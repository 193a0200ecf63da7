import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { POISON_CONTROLS, unseenOf } from './controls.js';
import { runPoison } from './run-poison.js';

const SHORT = { records: 2_500, bad: 25, seed: 20_261_122 };

describe('poison on the log in PostgreSQL', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestDatabase();
  });
  afterEach(() => database.stop());

  it('is set aside with reason and payload, stops nobody, and comes through once after a fix, also when re-driven twice', async () => {
    expect(await runPoison({ databaseUrl: database.url, ...SHORT })).toMatchObject({
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

  it.each(POISON_CONTROLS)('turns red without $without', async (control) => {
    expect(await unseenOf(control, { databaseUrl: database.url, seed: SHORT.seed })).toEqual([]);
  });
});
