import { spawnSync } from 'node:child_process';
import { FaninError } from '@fanin/kernel';

/** Kafka 4 brokers need Java 17 (https://kafka.apache.org/documentation/#java). */
export const MINIMUM_JAVA = 17;

export interface KafkaNeeds {
  /** With the jars in the cache, Maven is not needed. */
  readonly jarsCached: boolean;
  /** Environment whose PATH is searched; the process's own when absent. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** What a machine lacks for running Kafka, one sentence each; empty when it can run. */
export function missingForKafka(needs: KafkaNeeds): readonly string[] {
  const missing: string[] = [];
  const java = javaMajorVersion(needs.env);
  if (java === undefined)
    missing.push(
      `Java ${MINIMUM_JAVA} or newer is missing: install it (Debian: apt-get install openjdk-17-jre-headless) so that \`java\` is on the PATH.`,
    );
  else if (java < MINIMUM_JAVA)
    missing.push(`Java ${java} is too old for Kafka 4: install Java ${MINIMUM_JAVA} or newer.`);
  if (!needs.jarsCached && !commandRuns('mvn', ['-version'], needs.env)) {
    missing.push(
      'Maven is missing: install it (Debian: apt-get install maven) so that `mvn` is on the PATH; it fetches the Kafka jars once.',
    );
  }
  return missing;
}

export function requireForKafka(needs: KafkaNeeds): void {
  const missing = missingForKafka(needs);
  if (missing.length > 0) throw new FaninError('CONFIG', `Kafka cannot start here. ${missing.join(' ')}`);
}

/** The major version of the `java` on the PATH; undefined when there is none. */
export function javaMajorVersion(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const result = spawnSync('java', ['-version'], { encoding: 'utf8', env });
  if (result.error !== undefined || result.status !== 0) return undefined;
  return parseJavaVersion(`${result.stderr}${result.stdout}`);
}

/** `openjdk version "17.0.15"` is 17, `java version "1.8.0_402"` is 8. */
export function parseJavaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function commandRuns(command: string, parameters: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
  const result = spawnSync(command, [...parameters], { stdio: 'ignore', env });
  return result.error === undefined && result.status === 0;
}
