import type { DatabasePart } from '../database/database.js';
import { Channels1763800100000 } from './migrations/1763800100000-channels.js';
import { ChannelsProviders1763800200000 } from './migrations/1763800200000-channels-providers.js';

/** Accounts with their states, leases, checkpoints, replies on their way, transcripts. Every connector service brings it. */
export const CHANNELS_PART: DatabasePart = {
  schema: 'channels',
  entities: [],
  migrations: [Channels1763800100000, ChannelsProviders1763800200000],
};
