import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaninError } from '@fanin/kernel';
import { requireForKafka } from './java.js';

export const DEFAULT_KAFKA_VERSION = '4.1.1';
const LOG4J_VERSION = '2.24.3';

export interface JarOptions {
  readonly version?: string;
  /** Folder for downloads that several checkouts share; default FANIN_CACHE, else `~/.cache/fanin`. */
  readonly cacheDir?: string;
  /** Environment whose PATH is searched for Java and Maven; the process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (line: string) => void;
}

function cacheFolder(options: JarOptions): string {
  return join(
    options.cacheDir ?? (options.env ?? process.env)['FANIN_CACHE'] ?? join(homedir(), '.cache', 'fanin'),
    `kafka-${options.version ?? DEFAULT_KAFKA_VERSION}`,
  );
}

export function kafkaJarsCached(options: JarOptions = {}): boolean {
  return existsSync(join(cacheFolder(options), 'libs'));
}

/**
 * The folder with Kafka's jars; fetched by Maven once per machine and version. Several processes may ask at the same
 * time: one fetches, the others wait. The folder appears by a rename, so a half-finished one is never used.
 */
export async function resolveKafkaJars(options: JarOptions = {}): Promise<string> {
  const folder = cacheFolder(options);
  const libs = join(folder, 'libs');
  requireForKafka({ jarsCached: existsSync(libs), env: options.env });
  if (existsSync(libs)) return libs;
  mkdirSync(folder, { recursive: true });
  const release = await takeLock(join(folder, 'lock'));
  try {
    if (!existsSync(libs)) await fetchJars(folder, libs, options);
  } finally {
    release();
  }
  return libs;
}

async function fetchJars(folder: string, libs: string, options: JarOptions): Promise<void> {
  const version = options.version ?? DEFAULT_KAFKA_VERSION;
  options.onProgress?.(`fetching Kafka ${version} with Maven (once, about 45 MB)`);
  const partial = join(folder, 'partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial);
  const pom = join(partial, 'pom.xml');
  writeFileSync(pom, renderPom(version));
  await runMaven([
    '-q',
    '-B',
    '-f',
    pom,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${join(partial, 'libs')}`,
    '-DincludeScope=runtime',
  ]);
  renameSync(join(partial, 'libs'), libs);
  rmSync(partial, { recursive: true, force: true });
}

function renderPom(version: string): string {
  const dependency = (group: string, artifact: string, wanted: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${wanted}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fanin.dev</groupId><artifactId>kafka-jars</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', version)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J_VERSION)}
  </dependencies>
</project>
`;
}

async function runMaven(parameters: readonly string[]): Promise<void> {
  const child = spawn('mvn', [...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => void (output = `${output}${chunk.toString('utf8')}`.slice(-4000));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== 0) {
    throw new FaninError(
      'CONFIG',
      `Maven could not fetch the Kafka jars (exit ${status}). Is a Maven repository reachable? Maven said: ${output.trim()}`,
    );
  }
}

/** A lock file that holds its owner's process id; a dead owner's lock is taken over. */
async function takeLock(path: string): Promise<() => void> {
  for (;;) {
    try {
      const handle = openSync(path, 'wx');
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (ownerIsDead(path)) rmSync(path, { force: true });
      else await sleep(250);
    }
  }
}

function ownerIsDead(path: string): boolean {
  let owner: number;
  try {
    owner = Number(readFileSync(path, 'utf8'));
  } catch {
    return false; // released this moment: ask again
  }
  if (!Number.isInteger(owner) || owner <= 0) return false; // being written this moment
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
