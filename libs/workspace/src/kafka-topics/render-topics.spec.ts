import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { topicSpecsOf } from '@fanin/bus';
import { TOPICS } from '@fanin/contracts';
import { format, resolveConfig } from 'prettier';
import { parseAllDocuments } from 'yaml';
import { renderTopicFiles } from './render-topics.js';

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'kafka');

describe('deploy/kafka', () => {
  it.each(renderTopicFiles())(
    '$name is what the topic declarations say (else: node libs/workspace/bin/kafka-topics.mjs)',
    async (file) => {
      const path = join(folder, file.name);
      const text = file.executable
        ? file.text
        : await format(file.text, { ...(await resolveConfig(path)), filepath: path });
      expect(readFileSync(path, 'utf8')).toBe(text);
      expect((statSync(join(folder, file.name)).mode & 0o111) !== 0).toBe(file.executable);
    },
  );

  it('holds a valid Strimzi resource for every topic and its dead letters', () => {
    const text = renderTopicFiles().find((file) => file.name === 'topics.yaml')?.text ?? '';
    const resources = parseAllDocuments(text).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as {
        kind: string;
        metadata: { name: string };
        spec: { partitions: number; config: Record<string, string> };
      };
    });
    expect(resources).toHaveLength(Object.keys(TOPICS).length * 2);
    for (const spec of topicSpecsOf()) {
      const resource = resources.find((each) => each.metadata.name === spec.name);
      expect(resource?.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
      expect(resource?.spec.partitions).toBe(spec.partitions);
      expect(resource?.spec.config['retention.ms']).toBe(String(spec.retentionMs));
    }
  });
});
