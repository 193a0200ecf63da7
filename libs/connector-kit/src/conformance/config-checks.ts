import { fieldsOf, validateInput, type ClassType, type FieldDeclaration } from '@fanin/contracts';
import { demand } from './demand.js';

const LOOKS_SECRET = /(secret|token|password|passwd|pass|api_?key|private_?key|credential)s?$/i;

/** Fields that a reader of the README would not understand, or whose value could leak. */
export function undocumentedFields(Config: ClassType, prefix = ''): readonly string[] {
  const fields = fieldsOf(Config);
  if (fields.length === 0)
    return [
      `src/config.ts: ${prefix === '' ? Config.name : prefix} declares no field: use field.text({ description, example }) and its siblings`,
    ];
  return fields.flatMap((field) => [
    ...problemsOfField(field, `${prefix}${field.name}`),
    ...(field.of === undefined ? [] : undocumentedFields(field.of(), `${prefix}${field.name}.`)),
  ]);
}

function problemsOfField({ name, kind, options, of }: FieldDeclaration, path: string): string[] {
  const problems: string[] = [];
  if (options.description.trim().length < 10)
    problems.push(`src/config.ts: ${path} needs a description that says what it is for`);
  const wantsExample = of === undefined && kind !== 'boolean' && kind !== 'one_of';
  if (wantsExample && options.secret !== true && options.example === undefined && options.default === undefined)
    problems.push(`src/config.ts: ${path} needs an example (or a default)`);
  if (LOOKS_SECRET.test(name) && options.secret !== true)
    problems.push(`src/config.ts: ${path} looks like a secret: mark it secret: true, or give it a name that does not`);
  const isReference = options.example === undefined || String(options.example).startsWith('${');
  if (options.secret === true && (!isReference || options.default !== undefined))
    problems.push(
      `src/config.ts: ${path} is a secret: it has no default, and its example is a reference like \${env:NAME}`,
    );
  return problems;
}

/** Every required field left out is reported in one go, and so is a field that does not exist. */
export function checkAllErrorsAtOnce(Config: ClassType): void {
  const required = fieldsOf(Config).filter(
    (field) => field.options.optional !== true && field.options.default === undefined,
  );
  const result = validateInput(Config, { no_such_field: 1 });
  demand(!result.ok, 'the Config class lets a field through that it does not declare');
  const paths = new Set(result.problems.map((problem) => problem.path));
  demand(paths.has('no_such_field'), 'the Config class lets a field through that it does not declare');
  const unreported = required.filter(
    (field) => !paths.has(field.name) && valueByDefault(Config, field.name) === undefined,
  );
  demand(
    unreported.length === 0,
    `src/config.ts: left out, but not reported: ${unreported.map((field) => field.name).join(', ')}. Declare them with field.…, or optional with a default`,
  );
}

function valueByDefault(Config: ClassType, name: string): unknown {
  return (new Config() as Record<string, unknown>)[name];
}

/** A default that is documented must be the one that holds. */
export function undocumentedDefaults(Config: ClassType): readonly string[] {
  return fieldsOf(Config).flatMap((field) => {
    const initial = valueByDefault(Config, field.name);
    const same = JSON.stringify(initial) === JSON.stringify(field.options.default);
    return same || field.of !== undefined
      ? []
      : [
          `src/config.ts: ${field.name} starts as ${JSON.stringify(initial)} but documents the default ${JSON.stringify(field.options.default)}`,
        ];
  });
}
