import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../json-schema.js';

/** Say nothing about which records are right. */
const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'examples', 'default', 'writeOnly']);
/** Compared member by member. */
const STRUCTURE = new Set(['properties', 'required', 'items']);

/**
 * What of `current` breaks readers or writers of `released`, both being one version of one contract. Inside a version
 * only optional fields are added. Loosening a rule is as much a break as tightening it: records of years stay in the log,
 * where a tightened rule refuses them, and readers of the released form run for weeks beside a new writer, where they
 * dead-letter what the loosened rule lets through. That holds for a longer enum too.
 */
export function breaksOf(released: JsonSchema, current: JsonSchema, path = ''): string[] {
  return [
    ...ruleBreaks(released, current, path),
    ...propertyBreaks(released, current, path),
    ...itemBreaks(released, current, path),
  ];
}

function ruleBreaks(released: JsonSchema, current: JsonSchema, path: string): string[] {
  const keywords = new Set([...Object.keys(released), ...Object.keys(current)]);
  return [...keywords]
    .filter((keyword) => !ANNOTATIONS.has(keyword) && !STRUCTURE.has(keyword))
    .filter(
      (keyword) => !isDeepStrictEqual(released[keyword as keyof JsonSchema], current[keyword as keyof JsonSchema]),
    )
    .map((keyword) => {
      const [was, is] = [released, current].map(
        (schema) => JSON.stringify(schema[keyword as keyof JsonSchema]) ?? 'not set',
      );
      return `${path === '' ? 'the record' : path}: ${keyword} was ${was}, is ${is}`;
    });
}

function propertyBreaks(released: JsonSchema, current: JsonSchema, path: string): string[] {
  const breaks: string[] = [];
  const now = current.properties ?? {};
  for (const [name, was] of Object.entries(released.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    const is = now[name];
    if (is === undefined) {
      breaks.push(`${at}: was removed or renamed`);
      continue;
    }
    const [wasRequired, isRequired] = [released, current].map(({ required }) => required?.includes(name) ?? false);
    if (wasRequired !== isRequired)
      breaks.push(`${at}: was ${wasRequired ? 'required, is optional' : 'optional, is required'}`);
    breaks.push(...breaksOf(was, is, at));
  }
  for (const name of current.required ?? []) {
    if (released.properties?.[name] === undefined)
      breaks.push(`${path === '' ? name : `${path}.${name}`}: is new and required; a new field is optional`);
  }
  return breaks;
}

function itemBreaks(released: JsonSchema, current: JsonSchema, path: string): string[] {
  if (released.items === undefined && current.items === undefined) return [];
  if (released.items === undefined || current.items === undefined)
    return [`${path}: entries were ${released.items === undefined ? 'not ' : ''}declared`];
  return breaksOf(released.items, current.items, `${path}[]`);
}
