import { validateSync, type ValidationError } from 'class-validator';
import { fieldsOf, type ClassType, type FieldDeclaration } from './fields.js';

export interface InputProblem {
  /** `accounts[0].config.port`; empty when the whole is meant. */
  readonly path: string;
  /** What is wrong, to be read behind the path; never holds the value. */
  readonly message: string;
  /** What would be right, as the field's declaration gives it. */
  readonly example?: unknown;
}

export type InputResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly InputProblem[] };

export interface InputOptions {
  /** Numbers and booleans may come as text, as in a query string or the environment. */
  readonly fromText?: boolean;
}

/** Rules that say of what sort a value is; while one is broken, the finer ones say nothing new. */
const SORT_RULES = ['isText', 'isNumber', 'isBoolean', 'isList', 'isObject', 'isTextMap'];

/**
 * Checks configuration and REST input against a class of `field` declarations and gives an instance with the defaults
 * filled in, or all problems at once. Unknown fields are problems too. Never throws for any input; not for hot paths.
 */
export function validateInput<T extends object>(
  cls: ClassType<T>,
  plain: unknown,
  options: InputOptions = {},
): InputResult<T> {
  if (!isPlainObject(plain)) return { ok: false, problems: [{ path: '', message: 'must be an object' }] };
  const { instance, unknownFields } = instanceOf(cls, plain, options.fromText === true, '');
  const errors = validateSync(instance, { forbidUnknownValues: false });
  const problems = [...problemsOf(errors, cls, ''), ...unknownFields];
  return problems.length === 0 ? { ok: true, value: instance } : { ok: false, problems };
}

interface Instance<T> {
  readonly instance: T;
  readonly unknownFields: InputProblem[];
}

/**
 * Takes over declared fields only. class-transformer and class-validator's whitelist would do it but for keys that
 * every object inherits: `constructor` makes the one throw and passes the other.
 */
function instanceOf<T extends object>(
  cls: ClassType<T>,
  plain: object,
  fromText: boolean,
  prefix: string,
): Instance<T> {
  const instance = new cls();
  const fields = new Map(fieldsOf(cls).map((declaration) => [declaration.name, declaration]));
  const unknownFields: InputProblem[] = [];
  const target = instance as Record<string, unknown>;
  for (const { name, options } of fields.values()) {
    if (target[name] === undefined && options.default !== undefined) target[name] = structuredClone(options.default);
  }
  for (const [name, value] of Object.entries(plain) as [string, unknown][]) {
    const path = `${prefix}${prefix === '' ? '' : '.'}${name}`;
    const declaration = fields.get(name);
    if (declaration === undefined) {
      unknownFields.push({ path, message: `is not a known field; known are ${[...fields.keys()].join(', ')}` });
    } else if (value !== undefined) target[name] = takeOver(declaration, value, path);
  }
  return { instance, unknownFields };

  function takeOver({ kind, of }: FieldDeclaration, value: unknown, path: string): unknown {
    if (of === undefined) return fromText && typeof value === 'string' ? readText(kind, value) : value;
    const nested = of();
    const one = (entry: unknown, at: string): unknown => {
      if (!isPlainObject(entry)) return ofWrongSort(entry);
      const inner = instanceOf(nested, entry, fromText, at);
      unknownFields.push(...inner.unknownFields);
      return inner.instance;
    };
    if (kind === 'object') return one(value, path);
    return Array.isArray(value) ? value.map((entry, index) => one(entry, `${path}[${index}]`)) : ofWrongSort(value);
  }
}

/** Kept for class-validator to refuse; but into a list or object it would look, and trip over a field `constructor`. */
function ofWrongSort(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? false : value;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(errors: readonly ValidationError[], cls: ClassType | undefined, prefix: string): InputProblem[] {
  return errors.flatMap((error) => {
    const isIndex = /^\d+$/.test(error.property) && prefix !== '';
    const path = isIndex ? `${prefix}[${error.property}]` : `${prefix}${prefix === '' ? '' : '.'}${error.property}`;
    const declaration = cls === undefined ? undefined : fieldsOf(cls).find((known) => known.name === error.property);
    const own = messageOf(error, declaration);
    // What is no list or no object was checked as if it were one; those problems would only confuse.
    const isWrongSort = error.constraints?.['isList'] !== undefined || error.constraints?.['isObject'] !== undefined;
    const nested = isWrongSort ? [] : problemsOf(error.children ?? [], isIndex ? cls : declaration?.of?.(), path);
    return own === undefined ? nested : [problem(path, own, declaration), ...nested];
  });
}

function problem(path: string, message: string, declaration: FieldDeclaration | undefined): InputProblem {
  const example = declaration === undefined ? undefined : exampleOf(declaration);
  return example === undefined ? { path, message } : { path, message, example };
}

function messageOf(error: ValidationError, declaration: FieldDeclaration | undefined): string | undefined {
  const constraints = error.constraints ?? {};
  const names = Object.keys(constraints);
  if (names.length === 0) return undefined;
  if (declaration !== undefined && error.value === undefined) return 'is missing';
  const sort = SORT_RULES.find((name) => names.includes(name));
  if (sort !== undefined) return constraints[sort];
  const finer = names.filter((name) => name !== 'nestedValidation');
  return finer.length === 0 ? 'must be an object' : finer.map((name) => constraints[name]).join(' and ');
}

function exampleOf({ options, values }: FieldDeclaration): unknown {
  return options.example ?? (options.secret === true ? '${env:NAME}' : (options.default ?? values?.[0]));
}

function readText(kind: FieldDeclaration['kind'], text: string): unknown {
  if ((kind === 'integer' || kind === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
