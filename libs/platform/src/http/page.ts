import { field, validateInput, type ClassType } from '@fanin/contracts';
import { invalidInput } from './problem.js';

/** Query parameters that every list takes. */
export class PageQuery {
  @field.integer({
    description: 'How many at most.',
    optional: true,
    default: 50,
    minimum: 1,
    maximum: 200,
    example: 50,
  })
  limit = 50;

  @field.text({ description: '`next_cursor` of the page before.', optional: true, maxLength: 500 })
  cursor?: string;
}

/** A list as the API answers it. */
export interface Page<T> {
  readonly data: readonly T[];
  /** null on the last page. */
  readonly next_cursor: string | null;
}

/** The query string as an instance of `cls`; 400 with all problems at once. */
export function readQuery<T extends object>(cls: ClassType<T>, query: unknown): T {
  const result = validateInput(cls, { ...(query as object) }, { fromText: true });
  if (result.ok) return result.value;
  throw invalidInput(result.problems);
}

/** Opaque to clients: the sort key of the last row of a page. */
export function writeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Undefined without a cursor; 400 for one that we did not write. */
export function readCursor(cursor: string | undefined, length: number): readonly string[] | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === 'string'))
      return parts;
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw invalidInput([{ path: 'cursor', message: 'must be a next_cursor of this list, unchanged' }]);
}

/** Cuts what was read with `limit + 1` to a page. */
export function pageOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly string[]): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next_cursor: rows.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null };
}
