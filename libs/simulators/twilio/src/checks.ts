import { ControlError } from '@fanin/simulators/core';

/** The JSON types that the fields of a control body may have. */
export type FieldType = 'string' | 'number' | 'boolean' | 'list' | 'object' | 'any';

/** A typing error in a script must be told, not play something else. */
export function checkFields(what: string, body: object, types: Record<string, FieldType>): void {
  for (const [name, value] of Object.entries(body)) {
    const type = types[name];
    if (type === undefined) {
      throw new ControlError(`${what} has no field "${name}"; there are ${Object.keys(types).join(', ')}`);
    }
    if (value !== undefined && type !== 'any' && typeOf(value) !== type) {
      throw new ControlError(`"${name}" of ${what} must be a ${type}, not ${JSON.stringify(value)}`);
    }
  }
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value);

/** ISO 8601 → epoch ms; without a text, `nowMs`. */
export function timeOf(text: string | undefined, nowMs: number): number {
  const at = text === undefined ? nowMs : Date.parse(text);
  if (Number.isNaN(at)) throw new ControlError(`"at" must be an ISO 8601 time, not ${text}`);
  return at;
}
