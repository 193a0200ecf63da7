/** PostgreSQL's text cannot hold U+0000. Channels strip it; this is the last net. */
export function storable(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '') : text;
}

export function storableOrNull(text: string | null): string | null {
  return text === null ? null : storable(text);
}
