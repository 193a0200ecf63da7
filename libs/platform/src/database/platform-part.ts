import type { DatabasePart } from './database.js';
import { Platform1763800000000 } from './migrations/1763800000000-platform.js';
import { OutboxRefused1795366800000 } from './migrations/1795366800000-outbox-refused.js';

/** The tables every service needs: keys, outbox, index of the originals. Always the first part. */
export const PLATFORM_PART: DatabasePart = {
  schema: 'platform',
  entities: [],
  migrations: [Platform1763800000000, OutboxRefused1795366800000],
};
