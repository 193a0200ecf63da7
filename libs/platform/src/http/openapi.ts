import 'reflect-metadata';
import { fieldsOf, type ClassType, type FieldDeclaration } from '@fanin/contracts';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiProperty,
  DocumentBuilder,
  SwaggerModule,
  type ApiPropertyOptions,
  type OpenAPIObject,
} from '@nestjs/swagger';

/** The OpenAPI document of all routes under /api/v1 of this process. */
export function createApiDocument(app: NestFastifyApplication): OpenAPIObject {
  for (const cls of inputClassesOf(app)) describeFields(cls, new Set());
  const frame = new DocumentBuilder()
    .setTitle('Fanin')
    .setDescription('Tickets made of every message a shop’s customers send, and the numbers about them.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key.' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, frame, { operationIdFactory: (_controller, method) => method });
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/v1/'));
  for (const [, operations] of paths) {
    for (const operation of Object.values(operations as Record<string, { parameters?: Parameter[] }>))
      if (operation.parameters !== undefined) operation.parameters = withoutRepeated(operation.parameters);
  }
  return { ...document, paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
}

/** Swagger adds a header that a method reads to the one declared for it, as required and without words. */
function withoutRepeated(parameters: readonly Parameter[]): Parameter[] {
  const same = (one: Parameter, other: Parameter): boolean =>
    one.in === 'header' && other.in === 'header' && one.name.toLowerCase() === other.name.toLowerCase();
  return parameters.filter(
    (one) => one.description !== undefined || !parameters.some((other) => other !== one && same(one, other)),
  );
}

/** Classes of bodies, queries and declared answers of all controllers. */
function inputClassesOf(app: NestFastifyApplication): Set<ClassType> {
  const found = new Set<ClassType>();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = (metatype as ClassType | null)?.prototype as Record<string, unknown> | undefined;
      if (prototype === undefined) continue;
      for (const method of Object.getOwnPropertyNames(prototype)) {
        const types = (Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined) ?? [];
        for (const type of [...types, ...answerTypes(prototype[method])]) {
          if (typeof type === 'function' && fieldsOf(type as ClassType).length > 0) found.add(type as ClassType);
        }
      }
    }
  }
  return found;
}

function answerTypes(handler: unknown): unknown[] {
  if (typeof handler !== 'function') return [];
  const answers = Reflect.getMetadata('swagger/apiResponse', handler) as Record<string, { type?: unknown }> | undefined;
  return Object.values(answers ?? {}).map(({ type }) => type);
}

/** Tells Swagger what the field decorators already say, so that no input is described twice. */
function describeFields(cls: ClassType, seen: Set<ClassType>): void {
  if (seen.has(cls)) return;
  seen.add(cls);
  for (const declaration of fieldsOf(cls)) {
    const nested = declaration.of?.();
    if (nested !== undefined) describeFields(nested, seen);
    ApiProperty(propertyOf(declaration))(cls.prototype as object, declaration.name);
  }
}

function propertyOf(declaration: FieldDeclaration): ApiPropertyOptions {
  const { options } = declaration;
  const rules = Object.fromEntries(
    (['minLength', 'maxLength', 'minimum', 'maximum', 'maxItems', 'default', 'example'] as const)
      .filter((name) => options[name] !== undefined)
      .map((name) => [name, options[name]]),
  );
  return {
    description: options.description,
    required: options.optional !== true,
    ...(options.nullable === true ? { nullable: true } : {}),
    ...(options.pattern === undefined ? {} : { pattern: options.pattern.source }),
    ...rules,
    ...typeOf(declaration),
  } as ApiPropertyOptions;
}

function typeOf({ kind, of, values }: FieldDeclaration): Record<string, unknown> {
  switch (kind) {
    case 'text':
      return { type: 'string' };
    case 'one_of':
      return { type: 'string', enum: [...(values ?? [])] };
    case 'time':
      return { type: 'string', format: 'date-time' };
    case 'integer':
      return { type: 'integer' };
    case 'number':
      return { type: 'number' };
    case 'boolean':
      return { type: 'boolean' };
    case 'texts':
      return { type: 'string', isArray: true };
    case 'object':
      return { type: of };
    case 'objects':
      return { type: of, isArray: true };
    case 'text_map':
      return { type: 'object', additionalProperties: { type: 'string' } };
  }
}
