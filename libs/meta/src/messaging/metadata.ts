const PREFIX = 'fanin:';

/** What we put beside a message that we send, where the platform hands it back with the news about it. */
export function outboundMark(outboundId: string): string {
  return `${PREFIX}${outboundId}`;
}

/** The outbound id in what came back; undefined when the mark is not ours. */
export function ourOutboundId(mark: string | undefined): string | undefined {
  if (mark?.startsWith(PREFIX) !== true) return undefined;
  const id = mark.slice(PREFIX.length);
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : undefined;
}
