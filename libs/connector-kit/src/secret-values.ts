import { fieldsOf, type ClassType } from '@fanin/contracts';

/** Values of all fields marked secret, with those of nested objects: what must never be printed. */
export function secretValuesOf(Config: ClassType, config: object): readonly string[] {
  return fieldsOf(Config).flatMap((field) => {
    const value = (config as Record<string, unknown>)[field.name];
    if (field.of !== undefined) {
      const Nested = field.of();
      return [value]
        .flat()
        .flatMap((item) => (typeof item === 'object' && item !== null ? secretValuesOf(Nested, item) : []));
    }
    if (field.options.secret !== true) return [];
    return [value].flat().filter((item): item is string => typeof item === 'string' && item !== '');
  });
}
