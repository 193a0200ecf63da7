import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { median, ownCpuSeconds, type Figure } from '@fanin/test-kit';
import { prepareServiceRole } from '../database/service-role.js';
import type { SmtpLoadOrder, SmtpLoadReport } from './edge-smtp-load.js';
import { startBareSmtp, startFaninSmtp } from './edge-smtp-servers.js';

interface Measure {
  readonly perSecond: number;
  /** Of the serving process; Kafka, the disk and the load generator are others. */
  readonly perCpuSecond: number;
}

const TURNS = 7;
const TURN_MS = 1_500;
const CONNECTIONS = 32;
const BYTES = 4_096;
const RECIPIENT = 'support@shop.example';

/**
 * Mails of 4 KiB by SMTP, accepted when they are durable: our e-mail channel in its host, appending to Kafka, against a bare
 * smtp-server that writes each mail to a file with fsync. The load comes from a process of its own; the two servers, both
 * in this process, are measured in turns.
 */
export async function benchEdgeSmtpKafka(given: {
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
}): Promise<Record<string, Figure>> {
  const bare = await startBareSmtp();
  const databaseUrl = await prepareServiceRole(given.databaseUrl);
  const ours = await startFaninSmtp({ databaseUrl, brokers: given.brokers }, RECIPIENT);
  const load = fork(new URL('./edge-smtp-load.js', import.meta.url), { execArgv: [] });
  try {
    const rounds: { ours: Measure; bare: Measure }[] = [];
    for (let turn = 0; turn <= TURNS; turn += 1) {
      const round = { bare: await turnOf(load, bare.port), ours: await turnOf(load, ours.port) };
      // The first compiles both.
      if (turn > 0) rounds.push(round);
    }
    const of = (pick: (round: { ours: Measure; bare: Measure }) => number): number => median(rounds.map(pick));
    const cpu = [of((round) => round.ours.perCpuSecond), of((round) => round.bare.perCpuSecond)].map(Math.round);
    return {
      edge_smtp: {
        value: of((round) => round.ours.perSecond),
        limit: of((round) => round.bare.perSecond),
        ratio: of((round) => round.ours.perSecond / round.bare.perSecond),
        unit: `mails of 4 KiB/s on ${CONNECTIONS} connections; server, load, Kafka and database on the same cores; mails per CPU-second of the server ${cpu[0]}, bare ${cpu[1]}`,
      },
    };
  } finally {
    load.kill();
    await Promise.all([bare.stop(), ours.stop()]);
  }
}

/** One turn. Throws when anything was refused: a figure of refusals is none. */
async function turnOf(load: ChildProcess, port: number): Promise<Measure> {
  const order: SmtpLoadOrder = { port, recipient: RECIPIENT, bytes: BYTES, connections: CONNECTIONS, ms: TURN_MS };
  const before = ownCpuSeconds();
  load.send(order);
  const [report] = (await once(load, 'message')) as [SmtpLoadReport];
  const cpuSeconds = ownCpuSeconds() - before;
  if (report.error !== undefined || report.refused > 0 || report.accepted === 0)
    throw new Error(`${report.refused} commands refused, ${report.accepted} mails accepted ${report.error ?? ''}`);
  return {
    perSecond: report.accepted / report.seconds,
    perCpuSecond: report.accepted / cpuSeconds,
  };
}
