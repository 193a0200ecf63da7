import { fieldsOf, type ClassType, type FieldDeclaration } from './fields.js';

/** The part of JSON Schema (draft-07) that field declarations can say. Nested classes are written out in place. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | null)[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly writeOnly?: boolean;
}

export interface JsonSchemaOptions {
  /** Refuse fields that are not declared. The published form is closed; readers use the open one. */
  readonly closed: boolean;
  /** `$id`; with it the schema is a document of its own and names its draft. */
  readonly id?: string;
  /** Of the whole; by default the schema has none. */
  readonly description?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * AsyncAPI 3 payloads, Kafka Connect and the schema registries all read draft-07, so that is what is published; the
 * keywords used here mean the same in 2020-12.
 */
const DRAFT = 'http://json-schema.org/draft-07/schema#';

const BASIC_TYPES = {
  text: 'string',
  one_of: 'string',
  time: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  texts: 'array',
  objects: 'array',
  object: 'object',
  text_map: 'object',
} as const;

/** The JSON Schema of a contract or configuration class, made from what its field decorators declare. */
export function jsonSchemaOf(cls: ClassType, options: JsonSchemaOptions): JsonSchema {
  return {
    ...(options.id === undefined ? {} : { $schema: DRAFT, $id: options.id }),
    title: cls.name,
    ...(options.description === undefined ? {} : { description: options.description }),
    ...objectSchema(cls, options.closed),
  };
}

function objectSchema(cls: ClassType, closed: boolean): JsonSchema {
  const fields = fieldsOf(cls);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((declaration) => [declaration.name, fieldSchema(declaration, closed)])),
    required: fields
      .filter(({ options }) => options.optional !== true && options.default === undefined)
      .map(({ name }) => name),
    ...(closed ? { additionalProperties: false } : {}),
  };
}

function fieldSchema(declaration: FieldDeclaration, closed: boolean): JsonSchema {
  const { options } = declaration;
  const schema: Mutable<JsonSchema> = { description: options.description, ...rulesOf(declaration, closed) };
  const basic = BASIC_TYPES[declaration.kind];
  schema.type = options.nullable === true ? [basic, 'null'] : basic;
  if (options.default !== undefined) schema.default = options.default;
  if (options.example !== undefined) schema.examples = [options.example];
  if (options.secret === true) schema.writeOnly = true;
  return schema;
}

function rulesOf(declaration: FieldDeclaration, closed: boolean): JsonSchema {
  const { options } = declaration;
  switch (declaration.kind) {
    case 'text':
      return textRules(declaration);
    case 'one_of':
      return { enum: [...(declaration.values ?? []), ...(options.nullable === true ? [null] : [])] };
    case 'time':
      return { format: 'date-time' };
    case 'integer':
    case 'number':
      return {
        ...(options.minimum === undefined ? {} : { minimum: options.minimum }),
        ...(options.maximum === undefined ? {} : { maximum: options.maximum }),
      };
    case 'boolean':
      return {};
    case 'texts':
      return { items: { type: 'string', ...textRules(declaration) }, ...listRules(declaration) };
    case 'objects':
      return { items: nestedSchema(declaration, closed), ...listRules(declaration) };
    case 'object':
      return nestedSchema(declaration, closed);
    case 'text_map':
      return { additionalProperties: { type: 'string' } };
  }
}

function textRules({ options }: FieldDeclaration): JsonSchema {
  return {
    ...(options.minLength === undefined ? {} : { minLength: options.minLength }),
    ...(options.maxLength === undefined ? {} : { maxLength: options.maxLength }),
    ...(options.pattern === undefined ? {} : { pattern: options.pattern.source }),
  };
}

function listRules({ options }: FieldDeclaration): JsonSchema {
  return options.maxItems === undefined ? {} : { maxItems: options.maxItems };
}

function nestedSchema(declaration: FieldDeclaration, closed: boolean): JsonSchema {
  if (declaration.of === undefined) throw new TypeError(`field ${declaration.name}: no class given for its objects`);
  const cls = declaration.of();
  return { title: cls.name, ...objectSchema(cls, closed) };
}
