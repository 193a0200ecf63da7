import { randomBytes } from 'node:crypto';
import type { Figure } from '@fanin/test-kit';
import type { DriveReport, Pace } from '../drive/driver.js';
import { LoadProcess } from '../drive/load-process.js';
import { commitMs, produceAckMs } from '../measure/bare-steps.js';
import { AcknowledgedTimes } from '../measure/latency.js';
import type { MeasuredSystem } from '../measure/measured-system.js';
import { measureStages, type StagesOptions } from '../measure/stages.js';
import { takeTurn, type Turn } from '../measure/turn.js';
import { mailAndChat } from './drives.js';

/**
 * Senders at the same time, closed loop: enough that every stage always has something to do. Mails come as from
 * one server, which keeps so many lines.
 */
const MAILS: Pace = { concurrency: 40 };
const CHATS: Pace = { concurrency: 96 };
/** The first thousands of messages pay for the compilers of Node and of the JVM. */
const WARM_UP_SECONDS = 25;
const TURN_SECONDS = 10;
/** Of load that piles up while nobody makes tickets of it. */
const BACKLOG_SECONDS = 60;

export interface EndToEnd {
  readonly mail: Turn;
  readonly chat: Turn;
  readonly mixed: Turn;
  readonly stages: Awaited<ReturnType<typeof measureStages>>;
  /** At half the top rate; undefined where the database does not remember when each commit was. */
  readonly latency:
    | {
        readonly p50: number;
        readonly p99: number;
        readonly count: number;
        readonly rate: number;
        /** One produce acknowledgement and one commit. */
        readonly bareMs: number;
      }
    | undefined;
}

/** Everything that the figures are made of, from one running system. Throws when an acknowledged message is not stored. */
export async function runEndToEnd(
  measured: MeasuredSystem,
  hands: Pick<StagesOptions, 'hold' | 'go'>,
): Promise<EndToEnd> {
  const times = new AcknowledgedTimes();
  const load = await LoadProcess.start(mailAndChat(measured.system, `e${randomBytes(3).toString('hex')}`), times);
  const both = { mail: MAILS, chat: CHATS };
  try {
    await load.prepare();
    await takeTurn(measured, load, { paces: both, seconds: WARM_UP_SECONDS });
    const mail = await takeTurn(measured, load, { paces: { mail: MAILS }, seconds: TURN_SECONDS });
    const chat = await takeTurn(measured, load, { paces: { chat: CHATS }, seconds: TURN_SECONDS });
    const mixed = await takeTurn(measured, load, { paces: both, seconds: TURN_SECONDS });
    const atHalf = async (): Promise<EndToEnd['latency']> => {
      times.clear();
      const rate = mixed.perSecond / 2;
      const shares = shareOf(mixed.reports);
      const paces = { mail: { rate: rate * (shares['mail'] ?? 0) }, chat: { rate: rate * (shares['chat'] ?? 0) } };
      await takeTurn(measured, load, { paces, seconds: TURN_SECONDS });
      const histogram = await times.committed(measured.watch);
      const bareMs = await bareStepsMs(measured);
      return { p50: histogram.quantile(0.5), p99: histogram.quantile(0.99), count: histogram.count, rate, bareMs };
    };
    const latency = (await measured.watch.remembersCommits()) ? await atHalf() : undefined;
    const stages = await measureStages(measured, load, { paces: both, seconds: BACKLOG_SECONDS, ...hands });
    return { mail, chat, mixed, stages, latency };
  } finally {
    await load.close();
  }
}

/** How much of the acknowledged went through each door. */
function shareOf(reports: Readonly<Record<string, DriveReport>>): Readonly<Record<string, number>> {
  const all = Object.values(reports).reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  return Object.fromEntries(Object.entries(reports).map(([name, { acknowledged }]) => [name, acknowledged / all]));
}

async function bareStepsMs({ system }: MeasuredSystem): Promise<number> {
  const bus = await system.openBus();
  try {
    return (await produceAckMs(bus, `${system.topicPrefix}.bare`)) + (await commitMs(system.adminUrl));
  } finally {
    await bus.close();
  }
}

/** By process, for one message. */
export function costsOf({ cpuMs, messages }: Turn): string {
  return Object.entries(cpuMs)
    .filter(([, ms]) => ms / messages >= 0.005)
    .map(([name, ms]) => `${name} ${(ms / messages).toFixed(2)}`)
    .join(', ');
}

export function throughput({ mixed, stages }: EndToEnd): Figure {
  const perCpuSecond = 1000 / (mixed.cpuMsEach + mixed.loadCpuMs / mixed.messages);
  return {
    value: mixed.perSecond,
    limit: stages.ceiling,
    ratio: mixed.perSecond / stages.ceiling,
    unit:
      `messages/s from the door to the commit of their ticket, half mails of 4 KiB, half chat; ${perCpuSecond.toFixed(0)} per ` +
      `CPU-second with load and database. Ceiling: cores over what the stages cost alone (capture ${stages.captureMs.toFixed(2)}, ` +
      `tickets ${stages.ticketMs.toFixed(2)}, load ${stages.loadMs.toFixed(2)} ms)`,
  };
}

/** A cost: the smaller the better, `ratio` is value ÷ limit. */
export function atMost(value: number, limit: number, unit: string): Figure {
  return { value, limit, ratio: value / limit, unit };
}
