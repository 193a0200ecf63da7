import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaninError } from '@fanin/kernel';
import type { BrokerLayout } from './broker-config.js';
import { renderBrokerConfig, renderLogConfig } from './broker-config.js';

/** One Kafka server process; may be started again after it ended. */
export class BrokerProcess {
  private child: ChildProcess | undefined;
  private readonly configFile: string;
  private readonly logConfigFile: string;
  private readonly outputFile: string;
  private readonly logFile: string;

  constructor(
    readonly layout: BrokerLayout,
    private readonly libs: string,
    private readonly folder: string,
  ) {
    this.configFile = join(folder, 'server.properties');
    this.logConfigFile = join(folder, 'log4j2.properties');
    this.outputFile = join(folder, 'output.log');
    this.logFile = join(folder, 'server.log');
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  writeConfig(all: readonly BrokerLayout[]): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.configFile, renderBrokerConfig(this.layout, all));
    writeFileSync(this.logConfigFile, renderLogConfig(this.logFile));
  }

  /** Formats the storage once; data of an earlier run is kept. */
  async format(clusterId: string): Promise<void> {
    if (existsSync(join(this.layout.dataDir, 'meta.properties'))) return;
    mkdirSync(this.layout.dataDir, { recursive: true });
    const child = this.java(['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', this.configFile]);
    const status = await ended(child);
    if (status !== 0) throw new FaninError('CONFIG', `Kafka could not format ${this.layout.dataDir}: ${this.tail()}`);
  }

  start(): void {
    if (this.running) return;
    this.child = this.java(['kafka.Kafka', this.configFile]);
  }

  /** Ends the process and resolves when it is gone; SIGTERM hands leadership over first. */
  async end(signal: NodeJS.Signals, graceMs = 20_000): Promise<void> {
    const child = this.child;
    if (child === undefined || !this.running) return;
    const gone = ended(child);
    child.kill(signal);
    const outcome = await Promise.race([gone, sleep(graceMs, 'late' as const, { ref: false })]);
    if (outcome === 'late') {
      child.kill('SIGKILL');
      await gone;
    }
  }

  /** The last lines that the broker wrote, for an error message. */
  tail(): string {
    const text = [this.outputFile, this.logFile]
      .map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''))
      .join('\n');
    return text.trim().split('\n').slice(-12).join('\n');
  }

  get portTaken(): boolean {
    return /Address already in use|BindException/.test(this.tail());
  }

  private java(parameters: readonly string[]): ChildProcess {
    const output = openSync(this.outputFile, 'a');
    try {
      const options = [
        '-Xmx384m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        `-Dlog4j2.configurationFile=${this.logConfigFile}`,
      ];
      const child = spawn('java', [...options, '-cp', join(this.libs, '*'), ...parameters], {
        stdio: ['ignore', output, output],
      });
      child.on('error', () => undefined); // `ended` reports it
      return child;
    } finally {
      closeSync(output);
    }
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', (status) => resolve(status));
    child.once('error', () => resolve(null));
  });
}
