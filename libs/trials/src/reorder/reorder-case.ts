import { startTestDatabase } from '@fanin/test-kit';
import type { OwnCase } from '../faults/case.js';
import { runReorder } from './run-reorder.js';

const SHORT = 200;
const LONG = 10_000;

export const reorderCase: OwnCase = {
  name: 'reorder',
  what: 'five deliveries of each message, shuffled, to two ticket cores at once; the same state as one of each in order',
  forms: ['standalone'],
  async prove({ seed, minutes }) {
    const databases = await Promise.all([startTestDatabase(), startTestDatabase()]);
    const [ordered, mixed] = databases.map(({ url }) => url) as [string, string];
    try {
      const messages = minutes === undefined ? SHORT : LONG;
      const { problems, deliveries, stored, doubled } = await runReorder({
        databaseUrls: [ordered, mixed],
        messages,
        seed,
      });
      return {
        problems,
        figures: `${deliveries} deliveries of ${messages} messages: ${stored} stored, ${doubled} doubled`,
      };
    } finally {
      await Promise.all(databases.map((database) => database.stop()));
    }
  },
};
