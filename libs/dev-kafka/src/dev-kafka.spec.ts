import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderBrokerConfig } from './broker-config.js';
import { freePorts } from './free-port.js';
import { newClusterId } from './kafka-cluster.js';
import { missingForKafka, parseJavaVersion } from './java.js';
import { resolveKafkaJars } from './jars.js';

describe('starting Kafka without Docker', () => {
  it('reads Java version lines of old and new kind', () => {
    expect(parseJavaVersion('openjdk version "17.0.15" 2025-04-15')).toBe(17);
    expect(parseJavaVersion('java version "1.8.0_402"')).toBe(8);
    expect(parseJavaVersion('openjdk version "25" 2025-09-16')).toBe(25);
    expect(parseJavaVersion('command not found')).toBeUndefined();
  });

  it('gives different free ports', async () => {
    expect(new Set(await freePorts(6)).size).toBe(6);
  });

  it('names no cluster so that the tools of Kafka take its id for an option', () => {
    for (let first = 0; first < 256; first += 1)
      expect(newClusterId(Buffer.alloc(16, first))).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
  });

  it('replicates state topics to every broker and asks for two copies of three', () => {
    const layouts = [1, 2, 3].map((id) => ({ id, port: 9000 + id, controllerPort: 9100 + id, dataDir: `/data/${id}` }));
    const text = renderBrokerConfig(layouts[1] as (typeof layouts)[0], layouts);
    expect(text).toContain('node.id=2\n');
    expect(text).toContain('offsets.topic.replication.factor=3\n');
    expect(text).toContain('min.insync.replicas=2\n');
    expect(text).toContain('controller.quorum.voters=1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103\n');
    expect(text).toContain('auto.create.topics.enable=false\n');
  });

  it('names what to install when Java or Maven is missing', async () => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'fanin-empty-'));
    const env = { PATH: cacheDir };
    try {
      expect(missingForKafka({ jarsCached: false, env }).join(' ')).toMatch(/openjdk-17.*apt-get install maven/);
      expect(missingForKafka({ jarsCached: true, env }).join(' ')).not.toMatch(/maven/);
      await expect(resolveKafkaJars({ cacheDir, env })).rejects.toMatchObject({ code: 'CONFIG' });
    } finally {
      rmSync(cacheDir, { recursive: true, force: true });
    }
  });
});
