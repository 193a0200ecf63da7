import { cutByAny } from '@fanin/kernel';
import { openImapSession } from './client.js';
import type { Config } from './config.js';
import { toFaninError } from './errors.js';

const CHECK_MS = 9_000;

/** Logs in and looks into the folder; captures nothing. */
export async function checkMailbox(config: Config, signal: AbortSignal): Promise<void> {
  try {
    await cutByAny([signal, AbortSignal.timeout(CHECK_MS)], async (cut) => {
      const session = await openImapSession(config, { signal: cut });
      await session.read(() => Promise.resolve()).finally(() => session.end());
    });
  } catch (error) {
    throw toFaninError(error);
  }
}
