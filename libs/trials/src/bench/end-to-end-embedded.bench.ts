import type { Figure } from '@fanin/test-kit';
import { measureEmbedded } from '../measure/measured-system.js';
import { BENCH_CHANNELS } from './drives.js';
import { atMost, costsOf, runEndToEnd, throughput } from './end-to-end.js';

/** `npm start`: one process and its PostgreSQL, which is the log as well. */
export async function benchEndToEndEmbedded(): Promise<Record<string, Figure>> {
  const measured = await measureEmbedded({ channels: BENCH_CHANNELS });
  try {
    // One process does everything: no stage can be held, so the ceiling is what one message costs in a turn of its own.
    const all = await runEndToEnd(measured, { hold: () => undefined, go: () => undefined });
    return {
      end_to_end_embedded: throughput(all),
      cpu_ms_per_mail_embedded: atMost(all.mail.cpuMsEach, 1, `ms of CPU; ${costsOf(all.mail)}`),
      cpu_ms_per_chat_message_embedded: atMost(all.chat.cpuMsEach, 0.6, `ms of CPU; ${costsOf(all.chat)}`),
    };
  } finally {
    await measured.stop();
  }
}
