import type { Bus, BusHarness } from '@fanin/bus';
import { busContract } from '@fanin/bus';
import { createSystemClock, noMetrics, silentLogger } from '@fanin/kernel';
import { startTcpProxy, startTestDatabase } from '@fanin/test-kit';
import type { TcpProxy } from '@fanin/test-kit';
import { createPostgresBus } from './postgres-bus.js';

const SESSION_MS = 4_000;

/** Each bus reaches the server through a line of its own, so that a test can cut one (a kill) or all (an outage). */
async function createHarness(): Promise<BusHarness> {
  const database = await startTestDatabase();
  const target = new URL(database.url);
  const lines = new Map<Bus, TcpProxy>();
  const killed = new Set<Bus>();
  return {
    sessionMs: SESSION_MS,
    takeoverMs: SESSION_MS + 2_000,
    createBus: async () => {
      const line = await startTcpProxy({ host: target.hostname, port: Number(target.port) });
      const url = new URL(database.url);
      url.port = String(line.port);
      const bus = createPostgresBus({
        url: url.href,
        clock: createSystemClock(),
        logger: silentLogger,
        metrics: noMetrics,
        sessionMs: SESSION_MS,
      });
      lines.set(bus, line);
      return bus;
    },
    kill: async (bus) => {
      killed.add(bus);
      lines.get(bus)?.cut();
    },
    breakLog: async () => lines.forEach((line) => line.cut()),
    mendLog: async () => lines.forEach((line, bus) => (killed.has(bus) ? undefined : line.mend())),
    stop: async () => {
      await Promise.all([...lines.keys()].map((bus) => bus.close()));
      await Promise.all([...lines.values()].map((line) => line.close()));
      await database.stop();
    },
  };
}

// One server has no leaders to change.
busContract('PostgreSQL', createHarness, { leaderChange: false });
