const ESCAPE = /\\(?:u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g;

/**
 * JSON for a `json` or `jsonb` parameter. PostgreSQL refuses escapes of U+0000 and of halves of surrogate pairs (a text cut
 * through an emoji): a `jsonb` column when it is written, a `json` column whenever any of its fields is read. They become what
 * text columns make of them: nothing, and U+FFFD. JSON.stringify escapes exactly these (well-formed JSON.stringify, ES2019).
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes('\\u') ? json.replace(ESCAPE, replacement) : json;
}

function replacement(escape: string): string {
  if (escape === '\\u0000') return '';
  return escape.length === 6 ? '\ufffd' : escape;
}
