import { plainToInstance } from 'class-transformer';
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
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    return { ok: false, problems: [{ path: '', message: 'must be an object' }] };
  }
  const instance = plainToInstance(cls, options.fromText === true ? readTexts(cls, plain) : plain, {
    exposeDefaultValues: true,
  });
  const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true });
  const problems = problemsOf(errors, cls, '');
  return problems.length === 0 ? { ok: true, value: instance } : { ok: false, problems };
}

function problemsOf(errors: readonly ValidationError[], cls: ClassType | undefined, prefix: string): InputProblem[] {
  return errors.flatMap((error) => {
    const isIndex = /^\d+$/.test(error.property) && prefix !== '';
    const path = isIndex ? `${prefix}[${error.property}]` : `${prefix}${prefix === '' ? '' : '.'}${error.property}`;
    const declaration = cls === undefined ? undefined : fieldsOf(cls).find((known) => known.name === error.property);
    const own = messageOf(error, cls, declaration);
    // What is no list was checked as if it were an entry; those problems would only confuse.
    const children = error.constraints?.['isList'] === undefined ? (error.children ?? []) : [];
    const nested = problemsOf(children, isIndex ? cls : declaration?.of?.(), path);
    return own === undefined ? nested : [problem(path, own, declaration), ...nested];
  });
}

function problem(path: string, message: string, declaration: FieldDeclaration | undefined): InputProblem {
  const example = declaration === undefined ? undefined : exampleOf(declaration);
  return example === undefined ? { path, message } : { path, message, example };
}

function messageOf(
  error: ValidationError,
  cls: ClassType | undefined,
  declaration: FieldDeclaration | undefined,
): string | undefined {
  const constraints = error.constraints ?? {};
  const names = Object.keys(constraints);
  if (names.length === 0) return undefined;
  if (names.includes('whitelistValidation')) {
    const known = cls === undefined ? [] : fieldsOf(cls).map(({ name }) => name);
    return `is not a known field; known are ${known.join(', ')}`;
  }
  if (declaration !== undefined && error.value === undefined) return 'is missing';
  const sort = SORT_RULES.find((name) => names.includes(name));
  if (sort !== undefined) return constraints[sort];
  const finer = names.filter((name) => name !== 'nestedValidation' && name !== 'unknownValue');
  return finer.length === 0 ? 'must be an object' : finer.map((name) => constraints[name]).join(' and ');
}

function exampleOf({ options, values }: FieldDeclaration): unknown {
  return options.example ?? (options.secret === true ? '${env:NAME}' : (options.default ?? values?.[0]));
}

function readTexts(cls: ClassType, plain: object): object {
  const kinds = new Map(fieldsOf(cls).map(({ name, kind }) => [name, kind]));
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' ? readText(kinds.get(name), value) : value,
    ]),
  );
}

function readText(kind: FieldDeclaration['kind'] | undefined, text: string): unknown {
  if ((kind === 'integer' || kind === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
