import { CONTRACTS, type Contract } from '../contract.js';
import { schemaIdOf } from '../create-codec.js';
import { jsonSchemaOf, type JsonSchema } from '../json-schema.js';

type AnyContract = (typeof CONTRACTS)[keyof typeof CONTRACTS];

export function contractsList(): readonly AnyContract[] {
  return Object.values(CONTRACTS);
}

/** `inbound-message.v1` */
export function fullName({ name, version }: Pick<Contract<object>, 'name' | 'version'>): string {
  return `${name}.v${version}`;
}

export function schemaFile(contract: Pick<Contract<object>, 'name' | 'version'>): string {
  return `${fullName(contract)}.schema.json`;
}

/** The published, closed form. */
export function publishedSchema(contract: AnyContract): JsonSchema {
  const { noun, version, key } = contract.topic;
  return jsonSchemaOf(contract.cls, {
    closed: true,
    id: schemaIdOf(contract),
    description: `${contract.topic.description} Topic <prefix>.${noun}.v${version}, CloudEvents type ${contract.type}, record key: ${key}.`,
  });
}

/** What people rely on beside the schema; as little to be changed inside a version as the schema. */
export interface RouteEntry {
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  readonly partitions: number;
  readonly cleanup: string;
}

export function routesOf(contracts: readonly AnyContract[]): Readonly<Record<string, RouteEntry>> {
  return Object.fromEntries(
    contracts.map((contract) => {
      const { noun, version, key, partitions, cleanup } = contract.topic;
      return [fullName(contract), { type: contract.type, topic: `${noun}.v${version}`, key, partitions, cleanup }];
    }),
  );
}

export function routeBreaks(
  released: Readonly<Record<string, RouteEntry>>,
  current: Readonly<Record<string, RouteEntry>>,
): string[] {
  return Object.entries(released).flatMap(([name, was]) => {
    const is = current[name];
    if (is === undefined) return [`${name}: was removed; a version leaves only by a recorded decision`];
    return (Object.keys(was) as (keyof RouteEntry)[])
      .filter((field) => was[field] !== is[field])
      .map((field) => `${name}: ${field} was ${JSON.stringify(was[field])}, is ${JSON.stringify(is[field])}`);
  });
}
