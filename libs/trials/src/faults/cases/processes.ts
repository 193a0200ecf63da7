import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica } from '../../system/cluster-system.js';
import type { Part } from '../../system/system.js';
import type { FaultCase, FaultRun } from '../case.js';

/** Each kill waits for the start that follows. */
const PAUSE_MS = [500, 3_000] as const;
/** Past the session of a consumer (8 s) and the lease of an account (15 s). */
const FROZEN_MS = 18_000;
const SHORT_SECONDS = 25;
/** A longer run kills so often at least, whatever its share of the minutes. */
const KILLS_OF_A_LONG_RUN = 20;

const kills: FaultCase = {
  name: 'kill',
  what: 'kill -9 of each service at random times',
  forms: ['cluster', 'standalone'],
  seconds: SHORT_SECONDS,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    let left: readonly Part[] = [];
    const least = run.seconds <= SHORT_SECONDS ? 0 : KILLS_OF_A_LONG_RUN;
    // Every service once in a random order, then again.
    while (performance.now() < until || run.supervisor.kills < least) {
      if (left.length === 0) left = run.random.shuffled(run.parts);
      const [part] = left;
      left = left.slice(1);
      await sleep(run.random.between(...PAUSE_MS));
      if (part !== undefined) await run.supervisor.killAndRevive(part, run.random.between(0, 1_500));
    }
    run.note(`${run.supervisor.kills} kills`);
  },
};

const restarts: FaultCase = {
  name: 'rolling-restart',
  what: 'SIGTERM and start of one service after the other',
  forms: ['cluster', 'standalone'],
  seconds: 20,
  async breakThings(run) {
    const until = performance.now() + run.seconds * 1000;
    let rounds = 0;
    do {
      for (const part of run.parts) {
        const code = await run.supervisor.restart(part);
        if (code !== 0) run.fault(`${part} ended with ${code} at SIGTERM`);
        await sleep(run.random.between(200, 1_000));
      }
      rounds += 1;
    } while (performance.now() < until);
    run.note(`${rounds * run.parts.length} restarts`);
  },
};

/** Freezes one of two, long enough to lose its session and its leases, and lets it go on as if nothing had been. */
async function freezeOneOfTwo(run: FaultRun, part: Part, pids: readonly number[]): Promise<void> {
  const pid = run.random.pick(pids);
  process.kill(pid, 'SIGSTOP');
  try {
    await sleep(FROZEN_MS);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  run.note(`${part} frozen`);
}

const frozen: FaultCase = {
  name: 'frozen-replica',
  mayLeave: true,
  what: 'two replicas of each service, one SIGSTOPped past session and lease, then continued',
  forms: ['cluster'],
  seconds: 20,
  async breakThings(run) {
    const { cluster } = run;
    if (cluster === undefined) throw new Error('needs the cluster form');
    const order = run.random.shuffled(run.parts);
    for (let index = 0; index < order.length; index += 3) {
      // Three at once: each is another service, and a machine that stops takes several with it.
      const several: (readonly [Part, Replica])[] = [];
      try {
        for (const part of order.slice(index, index + 3)) several.push([part, await cluster.replica(part)]);
        await Promise.all(
          several.map(([part, replica]) =>
            freezeOneOfTwo(run, part, [cluster.process(part).pid ?? 0, replica.program.child.pid ?? 0]),
          ),
        );
      } finally {
        for (const [part, { program }] of several) {
          if (!program.running) run.fault(`the second ${part} left: ${program.output.slice(-300)}`);
          await program.end('SIGTERM');
        }
      }
    }
  },
};

export const PROCESS_CASES: readonly FaultCase[] = [kills, restarts, frozen];
