import { field } from './fields.js';
import { jsonSchemaOf } from './json-schema.js';

class Part {
  @field.text({ description: 'Host.', example: 'smtp.example.com', minLength: 1, maxLength: 253, pattern: /^\S+$/ })
  host!: string;
}

class Whole {
  @field.text({ description: 'Password.', secret: true })
  password!: string;

  @field.integer({ description: 'Port.', minimum: 1, maximum: 65_535, default: 587 })
  port = 587;

  @field.oneOf(['a', 'b'], { description: 'Mode.', nullable: true })
  mode!: string | null;

  @field.object(() => Part, { description: 'Part.', optional: true, nullable: true })
  part?: Part | null;

  @field.objects(() => Part, { description: 'Parts.', maxItems: 3 })
  parts!: Part[];

  @field.texts({ description: 'Texts.', maxLength: 9 })
  texts!: string[];

  @field.textMap({ description: 'Map.' })
  map!: Record<string, string>;

  @field.time({ description: 'When.' })
  at!: string;

  @field.boolean({ description: 'On.' })
  on!: boolean;

  @field.number({ description: 'Rate.' })
  rate!: number;
}

const part = {
  title: 'Part',
  properties: {
    host: {
      description: 'Host.',
      minLength: 1,
      maxLength: 253,
      pattern: '^\\S+$',
      type: 'string',
      examples: ['smtp.example.com'],
    },
  },
  required: ['host'],
};

describe('jsonSchemaOf', () => {
  it('says everything that the declarations say', () => {
    const closed = { additionalProperties: false };
    expect(jsonSchemaOf(Whole, { closed: true, id: 'urn:test:whole', description: 'All.' })).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'urn:test:whole',
      title: 'Whole',
      description: 'All.',
      type: 'object',
      properties: {
        password: { description: 'Password.', type: 'string', writeOnly: true },
        port: { description: 'Port.', type: 'integer', minimum: 1, maximum: 65_535, default: 587 },
        mode: { description: 'Mode.', type: ['string', 'null'], enum: ['a', 'b', null] },
        part: { ...part, ...closed, description: 'Part.', type: ['object', 'null'] },
        parts: { description: 'Parts.', type: 'array', maxItems: 3, items: { ...part, ...closed, type: 'object' } },
        texts: { description: 'Texts.', type: 'array', items: { type: 'string', maxLength: 9 } },
        map: { description: 'Map.', type: 'object', additionalProperties: { type: 'string' } },
        at: { description: 'When.', type: 'string', format: 'date-time' },
        on: { description: 'On.', type: 'boolean' },
        rate: { description: 'Rate.', type: 'number' },
      },
      required: ['password', 'mode', 'parts', 'texts', 'map', 'at', 'on', 'rate'],
      ...closed,
    });
  });

  it('refuses unknown fields at no depth when it is open', () => {
    expect(JSON.stringify(jsonSchemaOf(Whole, { closed: false }))).not.toContain('"additionalProperties":false');
  });

  it('puts fields of the parent first and lets a class declare one anew', () => {
    class Child extends Part {
      @field.integer({ description: 'Size.' })
      size!: number;
    }
    class Narrow extends Child {
      @field.text({ description: 'Short host.', maxLength: 10 })
      override host!: string;
    }
    expect(Object.keys(jsonSchemaOf(Child, { closed: true }).properties ?? {})).toEqual(['host', 'size']);
    expect(jsonSchemaOf(Narrow, { closed: true }).properties?.['host']).toEqual({
      description: 'Short host.',
      maxLength: 10,
      type: 'string',
    });
    expect(jsonSchemaOf(Part, { closed: true }).properties?.['host']?.maxLength).toBe(253);
  });

  it('refuses a pattern with flags, which JSON Schema cannot say', () => {
    expect(() => field.text({ description: 'x', pattern: /a/i })).toThrow(/flags/);
  });
});
