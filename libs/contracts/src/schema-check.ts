import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fieldsOf, type ClassType } from './fields.js';
import { jsonSchemaOf } from './json-schema.js';
import { isUtcTime } from './utc-time.js';

/** The first rule that a value breaks, with its path and without the value; undefined when it keeps them all. */
export type SchemaCheck = (value: unknown) => string | undefined;

/** Compiles the class's schema; worth keeping, the compilation takes milliseconds. */
export function compileSchemaCheck(cls: ClassType, options: { readonly closed: boolean }): SchemaCheck {
  const ajv = new Ajv({
    allErrors: false,
    allowUnionTypes: true,
    strict: true,
    formats: { 'date-time': { type: 'string', validate: isUtcTime } },
  });
  const validate: ValidateFunction = ajv.compile(jsonSchemaOf(cls, options));
  return (value) => {
    if (validate(value)) return undefined;
    const error = validate.errors?.[0];
    return error === undefined ? 'does not fit its schema' : describe(cls, error);
  };
}

function describe(cls: ClassType, error: ErrorObject): string {
  const path = pathOf(cls, error);
  return path === '' ? ruleOf(error) : `${path}: ${ruleOf(error)}`;
}

/** `recipients[0].role`. Keys of text maps are data and shown as `*`. */
function pathOf(cls: ClassType, error: ErrorObject): string {
  const steps = error.instancePath.split('/').slice(1);
  if (error.keyword === 'required') steps.push(String(error.params['missingProperty']));
  if (error.keyword === 'additionalProperties') steps.push(String(error.params['additionalProperty']));
  let path = '';
  let within: ClassType | 'map' | undefined = cls;
  for (const step of steps) {
    if (/^\d+$/.test(step) && within !== 'map') {
      path += `[${step}]`;
      continue;
    }
    path += `${path === '' ? '' : '.'}${within === 'map' ? '*' : step}`;
    within = nextWithin(within, step);
  }
  return path;
}

function nextWithin(within: ClassType | 'map' | undefined, step: string): ClassType | 'map' | undefined {
  if (within === undefined || within === 'map') return undefined;
  const declaration = fieldsOf(within).find((candidate) => candidate.name === step);
  return declaration?.kind === 'text_map' ? 'map' : declaration?.of?.();
}

function ruleOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
      return 'is not a field of this version';
    case 'type':
      return `must be ${[params['type']].flat().join(' or ')}`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`;
    case 'format':
      return 'must be a time in ISO 8601, UTC, with a Z';
    case 'maxLength':
      return `must have at most ${String(params['limit'])} characters`;
    case 'minLength':
      return `must have at least ${String(params['limit'])} characters`;
    case 'maxItems':
      return `must have at most ${String(params['limit'])} entries`;
    default:
      return message ?? `breaks the rule ${keyword}`;
  }
}
