/** What a delivery is; kept in its meta beside the bytes. */
export const KINDS = [
  'message',
  'status',
  'call',
  'call_status',
  'dialed',
  'menu',
  'recorded',
  'recording',
  'transcription',
  'listed_message',
  'listed_call',
] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Beside `kind`, what was decided when the delivery came and cannot be found out later: whether business was open, when a
 * call-back is due, and what our own callback address said.
 */
export type Meta = Readonly<Record<string, string>>;

/** How a call was met, for the text of its message: `staffed`, `voicemail` (open, nobody to ring), `closed`, `refused`. */
export type Reception = 'staffed' | 'voicemail' | 'closed' | 'refused';

export function receptionOf(meta: Meta): Reception {
  const value = meta['reception'];
  return value === 'voicemail' || value === 'closed' || value === 'refused' ? value : 'staffed';
}
