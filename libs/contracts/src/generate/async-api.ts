import {
  DEFAULT_TOPIC_PREFIX,
  deadLetterTopic,
  TOPICS,
  topicName,
  type TopicDeclaration,
  type TopicName,
} from '../topics.js';
import { CONTRACTS } from '../contract.js';
import { schemaIdOf } from '../create-codec.js';
import { fullName, schemaFile } from './registry.js';

export type AsyncApiValue = string | number | boolean | AsyncApiNode | readonly AsyncApiValue[];
export interface AsyncApiNode {
  readonly [key: string]: AsyncApiValue;
}

const KAFKA_BINDING_VERSION = '0.5.0';
/** Of the document, not of a contract: rises with each contract version that is added or leaves. */
const DOCUMENT_VERSION = '1.0.0';
const SCHEMA_FOLDER = './src/schemas';

type ContractName = keyof typeof CONTRACTS;

/** The AsyncAPI 3.0 document of all topics, made from TOPICS and CONTRACTS; payloads refer to the golden schemas. */
export function asyncApiDocument(): AsyncApiNode {
  const topics = Object.keys(TOPICS) as TopicName[];
  const contracts = Object.keys(CONTRACTS) as ContractName[];
  return {
    asyncapi: '3.0.0',
    id: 'urn:fanin:api',
    info: {
      title: 'Fanin',
      version: DOCUMENT_VERSION,
      description:
        'Every topic of Fanin. Records are CloudEvents 1.0 in the binary mode of the Kafka protocol binding: attributes in headers, the bare JSON as value. Inside a version only optional fields are added.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((name) => [name, channelOf(name)])),
    operations: Object.fromEntries(topics.map((name) => [`send.${name}`, operationOf(name)])),
    components: {
      messages: Object.fromEntries(contracts.map((name) => [name, messageOf(name)])),
      schemas: { cloudEventHeaders: sharedHeaders() },
    },
  };
}

function messagesOn(topic: TopicDeclaration): readonly ContractName[] {
  return (Object.keys(CONTRACTS) as ContractName[]).filter((name) => CONTRACTS[name].topic === topic);
}

function channelOf(name: TopicName): AsyncApiNode {
  const topic: TopicDeclaration = TOPICS[name];
  const address = topicName(topic, '{prefix}');
  return {
    address,
    title: topicName(topic),
    description: topic.description,
    parameters: { prefix: { description: 'Prefix of all topics of one installation.', default: DEFAULT_TOPIC_PREFIX } },
    messages: Object.fromEntries(
      messagesOn(topic).map((message) => [message, { $ref: `#/components/messages/${message}` }]),
    ),
    bindings: {
      kafka: {
        topic: topicName(topic),
        partitions: topic.partitions,
        topicConfiguration: {
          'cleanup.policy': topic.cleanup.split(','),
          'retention.ms': topic.retentionMs,
        },
        bindingVersion: KAFKA_BINDING_VERSION,
      },
    },
    'x-owner': topic.owner,
    'x-dead-letter-address': deadLetterTopic(address),
  };
}

function operationOf(name: TopicName): AsyncApiNode {
  const topic: TopicDeclaration = TOPICS[name];
  return {
    action: 'send',
    summary: `Written by ${topic.owner}.`,
    channel: { $ref: `#/channels/${name}` },
    messages: messagesOn(topic).map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
  };
}

function messageOf(name: ContractName): AsyncApiNode {
  const contract = CONTRACTS[name];
  const own = {
    type: 'object',
    required: ['ce_type', 'ce_dataschema'],
    properties: {
      ce_type: { type: 'string', const: contract.type },
      ce_dataschema: { type: 'string', const: schemaIdOf(contract) },
    },
  };
  return {
    name: fullName(contract),
    title: contract.cls.name,
    summary: contract.topic.description,
    contentType: 'application/json',
    headers: { type: 'object', allOf: [{ $ref: '#/components/schemas/cloudEventHeaders' }, own] },
    payload: { $ref: `${SCHEMA_FOLDER}/${schemaFile(contract)}` },
    bindings: {
      kafka: { key: { type: 'string', description: contract.topic.key }, bindingVersion: KAFKA_BINDING_VERSION },
    },
    'x-examples': `./src/examples/${contract.name}/v${contract.version}/`,
  };
}

function sharedHeaders(): AsyncApiNode {
  const text = (description: string): AsyncApiNode => ({ type: 'string', description });
  return {
    type: 'object',
    required: ['content-type', 'ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_subject', 'ce_time'],
    properties: {
      'content-type': { type: 'string', const: 'application/json' },
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: text('Unique together with ce_source; the same work done twice has the same id.'),
      ce_source: text('Path of the service that wrote the record.'),
      ce_type: text('Kind and version of the record.'),
      ce_subject: text('Id of the thing that the record is about. Holds no address and no phone number.'),
      ce_time: {
        type: 'string',
        format: 'date-time',
        description: 'Time of the event; also the time stamp of the record.',
      },
      ce_dataschema: text('$id of the closed schema of the value.'),
      traceparent: text('W3C trace context, where there is one.'),
    },
  };
}
