import { isoTime } from '@fanin/kernel';
import type { Resource, TwilioClient } from './client.js';
import type { KnownSids } from './known-sids.js';

const OVER = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);
const PAGE = { PageSize: '100' };

/** A call that is over, with what belongs to it, as Twilio writes it. */
export interface ListedCall {
  readonly sid: string;
  readonly at: number;
  readonly call: Resource;
  readonly children: readonly Resource[];
  readonly recordings: readonly Resource[];
}

interface Wanted {
  readonly number: string;
  readonly from: number;
  readonly to: number;
  readonly pageSize: string;
  readonly known: KnownSids;
  readonly signal: AbortSignal;
}

/** Calls to a number that began in a time. `running` is when the earliest began that is not over yet: the mark stays there. */
export async function listCalls(
  client: TwilioClient,
  { number, from, to, pageSize, known, signal }: Wanted,
): Promise<{ readonly over: readonly ListedCall[]; readonly running: number }> {
  const second = (time: number): string => `${isoTime(time).slice(0, 19)}Z`;
  const query = { To: number, 'StartTime>': second(from), 'StartTime<': second(to + 1000), PageSize: pageSize };
  const over: ListedCall[] = [];
  let running = to;
  for await (const call of client.list('/Calls.json', 'calls', query, signal)) {
    const { sid, direction, status } = call;
    if (typeof sid !== 'string' || direction !== 'inbound' || known.has(sid)) continue;
    const at = Date.parse(String(call['start_time'] ?? call['date_created']));
    if (at < from || at >= to) continue;
    if (OVER.has(String(status))) over.push(await withParts(client, sid, at, call, signal));
    else running = Math.min(running, at);
  }
  return { over, running };
}

async function withParts(
  client: TwilioClient,
  sid: string,
  at: number,
  call: Resource,
  signal: AbortSignal,
): Promise<ListedCall> {
  const all = async (path: string, key: string, query: Readonly<Record<string, string>>): Promise<Resource[]> => {
    const found: Resource[] = [];
    for await (const each of client.list(path, key, query, signal)) found.push(each);
    return found;
  };
  const [children, recordings] = await Promise.all([
    all('/Calls.json', 'calls', { ParentCallSid: sid, ...PAGE }),
    all(`/Calls/${sid}/Recordings.json`, 'recordings', PAGE),
  ]);
  const written = await Promise.all(
    recordings.map(async (each) => ({
      ...each,
      transcriptions: await all(`/Recordings/${String(each['sid'])}/Transcriptions.json`, 'transcriptions', PAGE),
    })),
  );
  return { sid, at, call, children, recordings: written };
}
