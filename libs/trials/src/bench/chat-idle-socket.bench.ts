import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure } from '@fanin/test-kit';
import { WebSocket } from 'ws';
import { ChatLine } from '../drive/doors/chat-line.js';
import { measureEmbedded } from '../measure/measured-system.js';
import { costOf } from '../measure/process-cost.js';
import { CHAT } from '../system/system.js';

const SOCKETS = 1_000;
/** At least one ping of each. */
const IDLE_SECONDS = 30;
const SETTLE_SECONDS = 5;

interface Cost {
  readonly kilobytes: number;
  readonly cpuMsPerMinute: number;
}

/**
 * What an open chat costs while nobody writes: memory and CPU of the server's process with 1,000 of them, less what it has
 * without, against a bare `ws` server with as many. The clients are in this process.
 */
export async function benchChatIdleSocket(): Promise<Record<string, Figure>> {
  const bare = await bareCost();
  const ours = await ourCost();
  return {
    chat_idle_socket: {
      value: ours.kilobytes,
      limit: bare.kilobytes,
      ratio: ours.kilobytes / bare.kilobytes,
      unit: `KB of memory for an open chat ÷ a socket of a bare ws server, ${SOCKETS} of each`,
    },
    chat_idle_socket_cpu: {
      value: ours.cpuMsPerMinute,
      limit: bare.cpuMsPerMinute,
      ratio: ours.cpuMsPerMinute / Math.max(bare.cpuMsPerMinute, 0.01),
      unit: 'ms of CPU a minute and socket, the server without sockets taken off',
    },
  };
}

async function bareCost(): Promise<Cost> {
  const child = fork(new URL('./bare-sockets-main.js', import.meta.url), { execArgv: [] });
  try {
    const [port] = (await once(child, 'message')) as [number];
    const open = async (): Promise<() => void> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
      await once(socket, 'open');
      return () => socket.terminate();
    };
    return await costOfSockets(child.pid ?? 0, open);
  } finally {
    child.disconnect();
  }
}

async function ourCost(): Promise<Cost> {
  const measured = await measureEmbedded({ channels: ['chat-web'] });
  try {
    const { url } = measured.system;
    const open = async (): Promise<() => void> => {
      const line = new ChatLine({ url, account: CHAT.a });
      await line.ready();
      return () => void line.close();
    };
    return await costOfSockets(() => measured.costs()['standalone'], open);
  } finally {
    await measured.stop();
  }
}

type Costs = ReturnType<typeof costOf>;

async function costOfSockets(who: number | (() => Costs | undefined), open: () => Promise<() => void>): Promise<Cost> {
  const look = (): Costs => (typeof who === 'number' ? costOf(who) : who()) ?? { cpuMs: 0, rssBytes: 0, handles: 0 };
  await seconds(SETTLE_SECONDS);
  const empty = look();
  await seconds(IDLE_SECONDS);
  const idleCpuMs = look().cpuMs - empty.cpuMs;
  const closers = await openAll(open);
  await seconds(SETTLE_SECONDS);
  const full = look();
  await seconds(IDLE_SECONDS);
  const end = look();
  for (const close of closers) close();
  return {
    kilobytes: (end.rssBytes - empty.rssBytes) / 1024 / SOCKETS,
    cpuMsPerMinute: Math.max(0, ((end.cpuMs - full.cpuMs - idleCpuMs) * 60) / IDLE_SECONDS / SOCKETS),
  };
}

async function openAll(open: () => Promise<() => void>): Promise<(() => void)[]> {
  const closers: (() => void)[] = [];
  while (closers.length < SOCKETS) closers.push(...(await Promise.all(Array.from({ length: 20 }, open))));
  return closers;
}

const seconds = (count: number): Promise<void> => sleep(count * 1000);
