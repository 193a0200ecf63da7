import type { ClientBase } from 'pg';
import type { Heard } from '../drive/doors/chat-line.js';

/** By conversation: the ids of its entries, the first is seq 1. */
export type Transcripts = ReadonlyMap<string, readonly string[]>;

/** Only those that somebody heard. */
export async function readTranscripts(client: ClientBase, heard: readonly Heard[]): Promise<Transcripts> {
  const { rows } = await client.query<{ conversation: string; ids: string[] }>(
    `SELECT conversation_id AS conversation, array_agg(entry_id ORDER BY seq) AS ids FROM channels.entries
     WHERE conversation_id = ANY($1) GROUP BY conversation_id`,
    [heard.map(({ conversation }) => conversation)],
  );
  return new Map(rows.map(({ conversation, ids }) => [conversation, ids]));
}

export interface VisitorLines {
  readonly lost: string[];
  readonly doubled: string[];
  readonly disorder: string[];
}

/**
 * What visitors were shown, socket after socket, against the transcript: each entry once and in its place; all of them to
 * those who came back.
 */
export function visitorLines(heard: readonly Heard[], transcripts: Transcripts): VisitorLines {
  const lines: VisitorLines = { lost: [], doubled: [], disorder: [] };
  for (const { conversation, events, back, others } of heard) {
    const name = `the visitor of ${conversation}`;
    const transcript = transcripts.get(conversation) ?? [];
    for (const other of others) lines.disorder.push(`${name} was given ${other}`);
    let last = 0;
    for (const { seq, id } of events) {
      if (seq <= last) lines.doubled.push(`${name} was shown entry ${seq} behind entry ${last}`);
      else if (seq > last + 1) lines.lost.push(`${name} was shown entry ${seq} behind entry ${last}`);
      if (transcript[seq - 1] !== id)
        lines.disorder.push(`${name} was shown ${id} as entry ${seq}, which is ${transcript[seq - 1] ?? 'not there'}`);
      last = Math.max(last, seq);
    }
    if (typeof back === 'object') lines.lost.push(`${name} could not come back: ${back.failed}`);
    if (back === 'caught up' && last < transcript.length)
      lines.lost.push(`${name} came back and was shown ${last} of ${transcript.length} entries`);
  }
  return lines;
}
