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

/** A day or an instant as people type it: `2026-11-21`, `2026-11-21T08:15Z`, `2026-11-21T08:15:30.120+01:00`. */
export const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * The query string as an instance of `cls`; 400 with all problems at once. `instants` names the fields of the pattern
 * INSTANT: a day or hour that does not exist matches it too, and is a problem here.
 */
export function readQuery<T extends object>(
  cls: ClassType<T>,
  query: unknown,
  instants: readonly (keyof T & string)[] = [],
): T {
  const result = validateInput(cls, { ...(query as object) }, { fromText: true });
  if (!result.ok) throw invalidInput(result.problems);
  const wrong = instants.filter((name) => typeof result.value[name] === 'string' && !isReal(result.value[name]));
  if (wrong.length === 0) return result.value;
  throw invalidInput(wrong.map((path) => ({ path, message: 'must be a day and time that exist' })));
}

function isReal(instant: string): boolean {
  const [year = 0, month = 0, day = 0] = instant.slice(0, 10).split('-').map(Number);
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay && !Number.isNaN(Date.parse(instant));
}

/** Opaque to clients: the sort key of the last row of a page. */
export function writeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Undefined without a cursor; 400 for one that this list did not write: `shape` is what each of its parts looks like. */
export function readCursor(cursor: string | undefined, shape: readonly RegExp[]): readonly string[] | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits = (part: unknown, at: number): boolean => typeof part === 'string' && shape[at]?.test(part) === true;
    if (Array.isArray(parts) && parts.length === shape.length && parts.every(fits)) return parts as string[];
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
