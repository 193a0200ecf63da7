import { invalidParameter } from '../errors.js';
import type { Stage } from '../stage.js';
import type { GraphParams } from './request.js';

/** One field of `?fields=`: `messages.limit(5){id,message}` has an argument and children. */
export interface FieldWish {
  name: string;
  args: Record<string, string>;
  children?: FieldWish[];
}

/** A node's fields; a function is an edge or a field with arguments, called with the wish for it. */
export type NodeFields = Record<string, unknown>;

export function parseFields(text: string): FieldWish[] {
  const reader = { text, at: 0 };
  const wishes = readList(reader);
  if (reader.at < text.length)
    throw invalidParameter(
      `Syntax error "Expected end of string instead of "${text.charAt(reader.at)}"." at character ${reader.at}: ${text}`,
    );
  return wishes;
}

interface Reader {
  text: string;
  at: number;
}

function readList(reader: Reader): FieldWish[] {
  const wishes: FieldWish[] = [];
  for (;;) {
    const name = take(reader, /[a-zA-Z_]\w*/y);
    if (name === undefined) throw invalidParameter(`Syntax error at character ${reader.at}: ${reader.text}`);
    const wish: FieldWish = { name, args: {} };
    for (let dot = take(reader, /\.(\w+)\(([^)]*)\)/y); dot !== undefined; dot = take(reader, /\.(\w+)\(([^)]*)\)/y)) {
      const [, key = '', value = ''] = /\.(\w+)\(([^)]*)\)/.exec(dot) ?? [];
      wish.args[key] = value;
    }
    if (take(reader, /\{/y) !== undefined) {
      wish.children = readList(reader);
      if (take(reader, /\}/y) === undefined)
        throw invalidParameter(`Syntax error: a brace is not closed: ${reader.text}`);
    }
    wishes.push(wish);
    if (take(reader, /,/y) === undefined) return wishes;
  }
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  const sticky = new RegExp(pattern.source, 'y');
  sticky.lastIndex = reader.at;
  const found = sticky.exec(reader.text);
  if (found === null) return undefined;
  reader.at = sticky.lastIndex;
  return found[0];
}

/** The node as asked for; `id` always comes. Fields without a value are left out, unknown ones are error 100. */
export function project(node: NodeFields, wishes: readonly FieldWish[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const wish of wishes) {
    if (!(wish.name in node)) throw invalidParameter(`Tried accessing nonexisting field (${wish.name})`);
    const value = node[wish.name];
    const known = typeof value === 'function' ? (value as (wish: FieldWish) => unknown)(wish) : value;
    if (known !== undefined) picked[wish.name] = within(known, wish);
  }
  if (node['id'] !== undefined) picked['id'] = node['id'];
  return picked;
}

/** Children of a plain object field, such as `from{id}`; edges have applied theirs. */
function within(value: unknown, wish: FieldWish): unknown {
  if (wish.children === undefined || typeof value !== 'object' || value === null || 'data' in value) return value;
  const names = new Set(['id', ...wish.children.map((child) => child.name)]);
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)));
}

export interface PageWish {
  limit?: string | undefined;
  after?: string | undefined;
  before?: string | undefined;
}

/** One page of an edge, with cursors; `next` only when there is more. */
export function page<T>(
  items: readonly T[],
  wish: PageWish,
  nextUrl: (after: string) => string,
): { data: T[]; paging?: unknown } {
  const limit = Math.min(Math.max(1, Number(wish.limit ?? 25) || 25), 100);
  const from = wish.after === undefined ? 0 : positionOf(wish.after) + 1;
  const data = items.slice(from, from + limit);
  if (data.length === 0) return { data: [] };
  const after = cursorOf(from + data.length - 1);
  const more = from + data.length < items.length;
  return { data, paging: { cursors: { before: cursorOf(from), after }, ...(more ? { next: nextUrl(after) } : {}) } };
}

/** Meta puts the token into the link to the next page. */
export function nextPage(stage: Stage, call: GraphParams, edge: string, after: string): string {
  const kept = Object.entries(call.params).filter(([name, value]) => name !== 'after' && typeof value === 'string');
  const query = new URLSearchParams([
    ...(kept as [string, string][]),
    ['after', after],
    ['access_token', call.token ?? ''],
  ]);
  return `${stage.links.base}/${stage.settings.versions.at(-1)}/${edge}?${query.toString()}`;
}

const cursorOf = (position: number): string => Buffer.from(`p${position}`).toString('base64url');

function positionOf(cursor: string): number {
  const position = Number(Buffer.from(cursor, 'base64url').toString('latin1').slice(1));
  if (Number.isInteger(position)) return position;
  throw invalidParameter('Invalid cursor');
}

/** Meta's way to write a time: 2026-11-22T03:09:49+0000. */
export const graphTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, '+0000');
