import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { CONTRACTS } from '../contract.js';
import { TOPICS } from '../topics.js';

const folder = resolve(import.meta.dirname, '..', '..');
type Node = { readonly [key: string]: Node };
const document = parse(readFileSync(resolve(folder, 'asyncapi.yaml'), 'utf8')) as Node;

function at(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (node, step) => (node as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    );
}

function* refsOf(node: unknown, path = '#'): Generator<[string, string]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref') yield [path, String(value)];
    else yield* refsOf(value, `${path}/${key}`);
  }
}

describe('asyncapi.yaml', () => {
  it('is an AsyncAPI 3.0 document with the root fields that 3.0 knows', () => {
    expect(document['asyncapi']).toBe('3.0.0');
    expect(document['info']).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const known = ['asyncapi', 'id', 'info', 'servers', 'defaultContentType', 'channels', 'operations', 'components'];
    expect(Object.keys(document).filter((key) => !known.includes(key))).toEqual([]);
  });

  it('has only references that lead somewhere', () => {
    const refs = [...refsOf(document)];
    expect(refs.length).toBeGreaterThan(Object.keys(CONTRACTS).length);
    const dangling = refs.filter(([, ref]) =>
      ref.startsWith('#/') ? at(ref) === undefined : !existsSync(resolve(folder, ref)),
    );
    expect(dangling).toEqual([]);
  });

  it('has a channel for each topic, whose parameters are those of its address, with the Kafka settings of the topic', () => {
    expect(Object.keys(document['channels'] ?? {}).sort()).toEqual(Object.keys(TOPICS).sort());
    for (const [name, topic] of Object.entries(TOPICS)) {
      const channel = document['channels']?.[name] as unknown as {
        address: string;
        parameters: object;
        bindings: { kafka: object };
      };
      expect(channel.address).toBe(`{prefix}.${topic.noun}.v${topic.version}`);
      expect([...channel.address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)).toEqual(
        Object.keys(channel.parameters),
      );
      expect(channel.bindings.kafka).toEqual({
        topic: `fanin.${topic.noun}.v${topic.version}`,
        partitions: topic.partitions,
        topicConfiguration: { 'cleanup.policy': topic.cleanup.split(','), 'retention.ms': topic.retentionMs },
        bindingVersion: '0.5.0',
      });
    }
  });

  it('has an operation for each channel, whose messages are messages of that channel', () => {
    const operations = Object.values(document['operations'] ?? {}) as unknown as {
      action: string;
      channel: { $ref: string };
      messages: { $ref: string }[];
    }[];
    expect(operations.map(({ channel }) => channel.$ref).sort()).toEqual(
      Object.keys(TOPICS)
        .map((name) => `#/channels/${name}`)
        .sort(),
    );
    for (const { action, channel, messages } of operations) {
      expect(action).toBe('send');
      expect(messages.length).toBeGreaterThan(0);
      for (const message of messages) expect(message.$ref.startsWith(`${channel.$ref}/messages/`)).toBe(true);
    }
  });

  it('has a message for each contract: headers of the binary mode, its type, its golden schema', () => {
    expect(Object.keys(document['components']?.['messages'] ?? {}).sort()).toEqual(Object.keys(CONTRACTS).sort());
    for (const [name, contract] of Object.entries(CONTRACTS)) {
      const message = document['components']?.['messages']?.[name];
      const payload = String(message?.['payload']?.['$ref']);
      const schema = JSON.parse(readFileSync(resolve(folder, payload), 'utf8')) as { $id: string };
      expect(JSON.stringify(message?.['headers'])).toContain(JSON.stringify({ type: 'string', const: contract.type }));
      expect(JSON.stringify(message?.['headers'])).toContain(JSON.stringify({ type: 'string', const: schema.$id }));
      expect(message).toMatchObject({
        contentType: 'application/json',
        bindings: { kafka: { key: { type: 'string', description: contract.topic.key } } },
      });
      expect(existsSync(resolve(folder, String(message?.['x-examples'])))).toBe(true);
    }
  });
});
