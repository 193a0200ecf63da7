import { startTestDatabase, type TestDatabase } from '@fanin/test-kit';
import { runReorder } from './run-reorder.js';

describe('five deliveries of each message, shuffled, to two ticket cores at once', () => {
  let databases: TestDatabase[];
  beforeEach(async () => {
    databases = await Promise.all([startTestDatabase(), startTestDatabase()]);
  });
  afterEach(() => Promise.all(databases.map((database) => database.stop())));

  const run = (withoutUniqueKeys = false) => {
    const [ordered, mixed] = databases.map(({ url }) => url) as [string, string];
    return runReorder({ databaseUrls: [ordered, mixed], messages: 200, seed: 20_261_122, withoutUniqueKeys });
  };

  it('come to the same as one of each in order', async () => {
    expect(await run()).toEqual({ deliveries: 1_000, messages: 200, stored: 200, doubled: 0, problems: [] });
  });

  it('turn red without the unique keys', async () => {
    const verdict = await run(true);
    expect(verdict.doubled).toBeGreaterThan(0);
    expect(verdict.problems[0]).toMatch(/stored more than once/);
  });
});
