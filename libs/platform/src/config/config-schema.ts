import { jsonSchemaOf, type JsonSchema } from '@fanin/contracts';
import type { ChannelEntry } from './channel-entry.js';
import { FaninConfig } from './fanin-config.js';

/** What `deploy/config.schema.json` holds; editors read it by the first line of the example. */
export interface ConfigSchema extends JsonSchema {
  readonly allOf?: readonly unknown[];
}

/**
 * The schema of the configuration file. With channels, `accounts[].config` is described too; the committed file is made
 * without, because adding a channel changes nothing outside its folder.
 */
export async function configSchema(channels: readonly ChannelEntry[] = []): Promise<JsonSchema> {
  const schema = jsonSchemaOf(FaninConfig, {
    closed: true,
    id: 'urn:fanin:schema:config',
    description: 'The configuration file of Fanin, the same for every service.',
  });
  const accounts = schema.properties?.['accounts'];
  if (accounts?.items === undefined) throw new TypeError('the configuration has no accounts');
  const byChannel = await Promise.all(channels.map(conditionOf));
  const items = {
    ...accounts.items,
    properties: {
      ...accounts.items.properties,
      config: { type: 'object', description: 'Fields of the channel: see the README of its folder.' },
    },
    ...(byChannel.length === 0 ? {} : { allOf: byChannel }),
  };
  return withReferences({
    ...schema,
    properties: { ...schema.properties, accounts: { ...accounts, items } },
  }) as JsonSchema;
}

const REFERENCE = { type: 'string', pattern: '\\$\\{(env|file):[^}]+\\}' };
const RULES = ['type', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum'];

/** Wherever one value is wanted, a reference to it may stand instead. */
function withReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withReferences);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Readonly<Record<string, unknown>>;
  if (!['string', 'integer', 'number', 'boolean'].includes(String(schema['type']))) {
    return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, withReferences(value)]));
  }
  const entries = Object.entries(schema);
  return {
    ...Object.fromEntries(entries.filter(([name]) => !RULES.includes(name))),
    anyOf: [Object.fromEntries(entries.filter(([name]) => RULES.includes(name))), REFERENCE],
  };
}

async function conditionOf({ manifest, load }: ChannelEntry): Promise<unknown> {
  const { Config } = await load();
  return {
    if: { required: ['channel'], properties: { channel: { const: manifest.slug } } },
    then: { properties: { config: jsonSchemaOf(Config, { closed: true }) } },
  };
}
