import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ownCpuSeconds } from '@fanin/test-kit';
import type { LoadOrder, LoadReport } from './http-load.js';

export interface EdgeMeasure {
  /** Requests answered 2xx per second. */
  readonly perSecond: number;
  /** CPU of the serving process for one request, in microseconds. */
  readonly cpuMicros: number;
}

/** Sends signed requests from a process of its own. */
export class EdgeLoad {
  private constructor(private readonly child: ChildProcess) {}

  static start(): EdgeLoad {
    return new EdgeLoad(fork(new URL('./http-load.js', import.meta.url), { execArgv: [] }));
  }

  /** One turn. Throws when anything was refused: a figure of refusals is none. */
  async turn(port: number, requests: readonly string[], ms: number): Promise<EdgeMeasure> {
    const before = ownCpuSeconds();
    const order: LoadOrder = { port, requests, connections: 32, ms };
    this.child.send(order);
    const [report] = (await once(this.child, 'message')) as [LoadReport & { error?: string }];
    const cpuSeconds = ownCpuSeconds() - before;
    if (report.error !== undefined || report.refused > 0 || report.answered === 0)
      throw new Error(`${report.refused} of ${report.answered} requests were refused ${report.error ?? ''}`);
    return { perSecond: report.answered / report.seconds, cpuMicros: (cpuSeconds * 1_000_000) / report.answered };
  }

  stop(): void {
    this.child.kill();
  }
}

/** A POST as it goes over the wire. */
export function wireRequest(path: string, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries({ host: 'shop.example', ...headers, 'content-length': String(Buffer.byteLength(body)) });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}
