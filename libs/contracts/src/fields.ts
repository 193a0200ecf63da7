import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  ArrayMaxSize,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

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
    Reflect.defineMetadata(FIELDS, [...fieldsOf(cls), { ...declaration, name }], cls);
    for (const check of checks) check(target, property);
    if (declaration.options.optional === true) IsOptional()(target, property);
    else if (declaration.options.nullable === true) ValidateIf((_, value) => value !== null)(target, property);
    Allow()(target, property);
  };
}

/**
 * Field decorators of contract and configuration classes. Each sets the class-validator checks (used for configuration
 * and REST input) and records what the closed JSON Schema (used on the wire) is generated from, so the two cannot drift.
 */
export const field = {
  text(options: TextOptions): PropertyDecorator {
    const checks: PropertyDecorator[] = [IsString()];
    if (options.maxLength !== undefined) checks.push(MaxLength(options.maxLength));
    if (options.minLength !== undefined) checks.push(MinLength(options.minLength));
    if (options.pattern !== undefined) checks.push(Matches(options.pattern));
    return declare({ kind: 'text', options }, checks);
  },
  integer(options: NumberOptions): PropertyDecorator {
    const checks: PropertyDecorator[] = [IsInt()];
    if (options.minimum !== undefined) checks.push(Min(options.minimum));
    if (options.maximum !== undefined) checks.push(Max(options.maximum));
    return declare({ kind: 'integer', options }, checks);
  },
  number(options: NumberOptions): PropertyDecorator {
    return declare({ kind: 'number', options }, [IsNumber()]);
  },
  boolean(options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'boolean', options }, [IsBoolean()]);
  },
  oneOf(values: readonly string[], options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'one_of', options, values }, [IsIn([...values])]);
  },
  /** ISO 8601 in UTC with a Z, e.g. 2026-11-21T08:15:30.120Z. */
  time(options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'time', options }, [IsISO8601({ strict: true })]);
  },
  object(of: () => ClassType, options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'object', options, of }, [IsObject(), ValidateNested(), Type(of)]);
  },
  objects(of: () => ClassType, options: ListOptions): PropertyDecorator {
    const checks: PropertyDecorator[] = [IsArray(), ValidateNested({ each: true }), Type(of)];
    if (options.maxItems !== undefined) checks.push(ArrayMaxSize(options.maxItems));
    return declare({ kind: 'objects', options, of }, checks);
  },
  texts(options: ListOptions & TextOptions): PropertyDecorator {
    const checks: PropertyDecorator[] = [IsArray(), IsString({ each: true })];
    if (options.maxItems !== undefined) checks.push(ArrayMaxSize(options.maxItems));
    return declare({ kind: 'texts', options }, checks);
  },
  /** A flat object of strings. */
  textMap(options: FieldOptions): PropertyDecorator {
    return declare({ kind: 'text_map', options }, [IsObject()]);
  },
};
