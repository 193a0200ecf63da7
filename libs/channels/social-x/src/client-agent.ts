import { readFileSync } from 'node:fs';
import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { FaninError } from '@fanin/kernel';

/** Where calls are led instead of the hosts of X. */
export interface Detour {
  readonly host: string;
  readonly port: number;
  readonly caFile: string | undefined;
}

export function detourOf(address: string | undefined, caFile: string | undefined): Detour | undefined {
  if (address === undefined) return undefined;
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)), caFile };
}

type CreateConnection = (
  options: RequestOptions,
  callback?: (error: Error | null, stream: Duplex) => void,
) => Duplex | null | undefined;

/**
 * The agent of one call. X's SDK has no base address to set: this dials the detour instead, while name and certificate
 * checked stay those of X. Connections are not kept: one that went stale would leave it open whether a reply was sent.
 */
class DetourAgent extends Agent {
  constructor(
    private readonly detour: Detour | undefined,
    options: AgentOptions,
  ) {
    super(options);
  }

  override createConnection: CreateConnection = (options, callback) => {
    const connect = (Agent.prototype as unknown as { createConnection: CreateConnection }).createConnection;
    if (this.detour === undefined) return connect.call(this, options, callback);
    const { host, port } = this.detour;
    const servername = options.servername ?? options.host ?? options.hostname ?? undefined;
    return connect.call(this, { ...options, host, port, ...(servername ? { servername } : {}) }, callback);
  };
}

/** Runs `work` with an agent of its own; when `signal` aborts, its connections are cut. */
export async function withAgent<T>(
  detour: Detour | undefined,
  signal: AbortSignal | undefined,
  work: (agent: Agent) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw new FaninError('TRANSIENT', 'the call was called off');
  const ca = detour?.caFile === undefined ? {} : { ca: authorityIn(detour.caFile) };
  const agent = new DetourAgent(detour, { keepAlive: false, ...ca });
  const cut = (): void => agent.destroy();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    return await work(agent);
  } finally {
    signal?.removeEventListener('abort', cut);
    agent.destroy();
  }
}

function authorityIn(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new FaninError('CONFIG', `api_ca_file: the file ${path} cannot be read`);
  }
}
