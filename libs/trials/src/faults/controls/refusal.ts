import { asSuperuser } from '../../system/as-superuser.js';
import type { Part } from '../../system/system.js';
import type { Stage } from '../case.js';
import { refusalFaults, watchRefusals } from '../refusals.js';
import { BOTH_FORMS, type LiveControl } from './control.js';
import { whileTraffic } from './live-traffic.js';
import { withLoaded } from './loaded.js';

const AWAY_SECONDS = 4;
const SEEN = 'refusals: ';

/** The log does not answer while `work` is done. */
async function withoutLog<T>({ kafka, system }: Stage, work: () => Promise<T>): Promise<T> {
  if (kafka !== undefined) {
    await kafka.kill(1, 'SIGSTOP');
    try {
      return await work();
    } finally {
      await kafka.kill(1, 'SIGCONT');
    }
  }
  return asSuperuser(system, async (client) => {
    await client.query('BEGIN');
    await client.query('LOCK TABLE bus.partition IN ACCESS EXCLUSIVE MODE');
    return work();
  });
}

/** Judged as `broker-away` is. */
export const promptRefusal: LiveControl = {
  name: 'refusal',
  off: 'refusal within 2 s while the log is away: edges wait for it',
  forms: BOTH_FORMS,
  count: ({ problems }) => problems.filter((line) => line.startsWith(SEEN)).length,
  async drive(world) {
    const { stage, supervisor, isOff, fault } = world;
    const part: Part = stage.form === 'cluster' ? 'social-connector' : 'ticket-core';
    if (isOff) await supervisor.restart(part, withLoaded('patient-edges'));
    await whileTraffic(world, { streams: ['meta', 'instagram', 'whatsapp'] }, async (traffic) => {
      const refusals = await withoutLog(stage, () => watchRefusals(traffic, AWAY_SECONDS));
      for (const line of refusalFaults(refusals)) fault(`${SEEN}${line}`);
    });
    if (isOff) await supervisor.restart(part);
  },
};
