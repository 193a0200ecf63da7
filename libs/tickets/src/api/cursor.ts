import { invalidInput } from '@fanin/platform';

export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The parts of a cursor that we made; a problem for any other. */
export function decodeCursor(cursor: string, shape: readonly RegExp[]): string[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badCursor();
  }
  if (!Array.isArray(parts) || parts.length !== shape.length) throw badCursor();
  return shape.map((pattern, at) => {
    const text = String(parts[at]);
    if (!pattern.test(text)) throw badCursor();
    return text;
  });
}

export function badCursor(): Error {
  return invalidInput([{ path: 'cursor', message: 'is not a next_cursor of this list; leave it out to begin anew' }]);
}
