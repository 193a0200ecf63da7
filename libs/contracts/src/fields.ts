import 'reflect-metadata';
import { Allow, ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { isUtcTime } from './utc-time.js';

export type FieldKind =
  'text' | 'integer' | 'number' | 'boolean' | 'one_of' | 'time' | 'object' | 'objects' | 'texts' | 'text_map';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a class constructor of unknown arguments has no narrower type
export type ClassType<T = object> = new (...args: any[]) => T;

export interface FieldOptions {
  readonly description: string;
  /** May be left out. Only optional fields may be added inside a version. */
  readonly optional?: boolean;
  /** Must be there, but may be null: "not known" or "not reached", which is not zero. */
  readonly nullable?: boolean;
  readonly example?: unknown;
  /** Configuration only: never shown, logged or put into a shared file; given as ${env:…} or ${file:…}. */
  readonly secret?: boolean;
  /** Configuration only: most people leave it alone. */
  readonly advanced?: boolean;
  /** Configuration only: what holds when the field is left out (set as the property's initial value). */
  readonly default?: unknown;
}

export interface TextOptions extends FieldOptions {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
  /** What the pattern asks for, for people who cannot read it: `must …`. */
  readonly patternSays?: string;
}

export interface NumberOptions extends FieldOptions {
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface ListOptions extends FieldOptions {
  readonly maxItems?: number;
}

/** What a field decorator wrote down; the JSON Schema, the documentation and the chart values are made from it. */
export interface FieldDeclaration {
  readonly name: string;
  readonly kind: FieldKind;
  readonly options: TextOptions & NumberOptions & ListOptions;
  readonly values?: readonly string[];
  readonly of?: () => ClassType;
}

const FIELDS = Symbol('fanin:fields');

/** The declared fields of a class, those of its parents first, in order of declaration. */
export function fieldsOf(cls: ClassType): readonly FieldDeclaration[] {
  return (Reflect.getMetadata(FIELDS, cls) as FieldDeclaration[] | undefined) ?? [];
}

function declare(declaration: Omit<FieldDeclaration, 'name'>, checks: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    const name = String(property);
    const cls = target.constructor as ClassType;
    Reflect.defineMetadata(
      FIELDS,
      [...fieldsOf(cls).filter((known) => known.name !== name), { ...declaration, name }],
      cls,
    );
    for (const check of checks) check(target, property);
    const { optional, nullable } = declaration.options;
    if (optional === true) ValidateIf((_, value) => value !== undefined)(target, property);
    if (nullable === true) ValidateIf((_, value) => value !== null)(target, property);
    Allow()(target, property);
  };
}

/** A class-validator check whose message goes behind the path of the field; `each` for the entries of a list. */
function rule(name: string, holds: (value: unknown) => boolean, message: string, each = false): PropertyDecorator {
  return ValidateBy(
    { name, validator: { validate: (value: unknown) => holds(value), defaultMessage: () => message } },
    { each },
  );
}

/** Code points, as JSON Schema counts (a surrogate pair is one character). */
const lengthOf = (text: string): number => [...text].length;
const isText = (value: unknown): value is string => typeof value === 'string';
/** PostgreSQL's text holds no U+0000, and UTF-8 no lone surrogate: both would be changed on their way, silently. */
const isStorable = (value: unknown): boolean => isText(value) && !/[\u0000\p{Cs}]/u.test(value);
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textRules({ minLength, maxLength, pattern, patternSays }: TextOptions, each = false): PropertyDecorator[] {
  const rules = [
    rule('isText', isText, each ? 'must be a list of texts' : 'must be a text', each),
    rule('isStorable', isStorable, 'must hold neither U+0000 nor half of a surrogate pair', each),
  ];
  if (maxLength !== undefined)
    rules.push(
      rule(
        'maxLength',
        (value) => isText(value) && (value.length <= maxLength || lengthOf(value) <= maxLength),
        `must have at most ${maxLength} characters`,
        each,
      ),
    );
  if (minLength !== undefined)
    rules.push(
      rule(
        'minLength',
        (value) => isText(value) && lengthOf(value) >= minLength,
        `must have at least ${minLength} characters`,
        each,
      ),
    );
  if (pattern !== undefined) {
    const says = patternSays ?? `must match ${String(pattern)}`;
    rules.push(rule('pattern', (value) => isText(value) && pattern.test(value), says, each));
  }
  return rules;
}

function numberRules({ minimum, maximum }: NumberOptions, whole: boolean): PropertyDecorator[] {
  const rules = [
    rule('isNumber', whole ? Number.isInteger : Number.isFinite, whole ? 'must be a whole number' : 'must be a number'),
  ];
  if (minimum !== undefined)
    rules.push(
      rule('minimum', (value) => typeof value === 'number' && value >= minimum, `must be at least ${minimum}`),
    );
  if (maximum !== undefined)
    rules.push(rule('maximum', (value) => typeof value === 'number' && value <= maximum, `must be at most ${maximum}`));
  return rules;
}

function listRules({ maxItems }: ListOptions): PropertyDecorator[] {
  const rules = [rule('isList', Array.isArray, 'must be a list')];
  if (maxItems !== undefined)
    rules.push(
      rule(
        'maxItems',
        (value) => Array.isArray(value) && value.length <= maxItems,
        `must have at most ${maxItems} entries`,
      ),
    );
  return rules;
}

/**
 * Field decorators of contract and configuration classes. Each sets the class-validator checks (used for configuration
 * and REST input) and records what the closed JSON Schema (used on the wire) is generated from, so the two cannot drift.
 */
export const field = {
  text(options: TextOptions): PropertyDecorator {
    if (options.pattern !== undefined && options.pattern.flags !== '')
      throw new TypeError('a pattern has no flags: JSON Schema cannot say them');
    return declare({ kind: 'text', options }, textRules(options));
  },
  integer(options: NumberOptions): PropertyDecorator {
    return declare({ kind: 'integer', options }, numberRules(options, true));
  },
  number(options: NumberOptions): PropertyDecorator {
    return declare({ kind: 'number', options }, numberRules(options, false));
  },
  boolean(options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'boolean', options }, [
      rule('isBoolean', (value) => typeof value === 'boolean', 'must be true or false'),
    ]);
  },
  oneOf(values: readonly string[], options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'one_of', options, values }, [
      rule('oneOf', (value) => isText(value) && values.includes(value), `must be one of ${values.join(', ')}`),
    ]);
  },
  /** ISO 8601 in UTC with a Z, e.g. 2026-11-21T08:15:30.120Z. */
  time(options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'time', options }, [
      rule('time', (value) => isText(value) && isUtcTime(value), 'must be a time in ISO 8601, UTC, with a Z'),
    ]);
  },
  object(of: () => ClassType, options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'object', options, of }, [
      rule('isObject', isPlainObject, 'must be an object'),
      ValidateNested(),
    ]);
  },
  objects(of: () => ClassType, options: ListOptions): PropertyDecorator {
    return declare({ kind: 'objects', options, of }, [...listRules(options), ValidateNested({ each: true })]);
  },
  texts(options: ListOptions & TextOptions): PropertyDecorator {
    return declare({ kind: 'texts', options }, [...listRules(options), ...textRules(options, true)]);
  },
  /** A flat object of strings. */
  textMap(options: FieldOptions): PropertyDecorator {
    const isTextMap = (value: unknown): boolean => isPlainObject(value) && Object.values(value).every(isText);
    return declare({ kind: 'text_map', options }, [
      rule('isTextMap', isTextMap, 'must be an object whose values are texts'),
    ]);
  },
};
