import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { until } from './until.js';

/** Four up is the checkout when Jest reads the sources, and its dist/ when Node runs what was built. */
const above = join(import.meta.dirname, '..', '..', '..', '..');
export const root = basename(above) === 'dist' ? dirname(above) : above;
export const dist = join(root, 'dist');

/** The program of an app, as the build made it. */
export function builtApp(name: string): string {
  const file = join(dist, 'apps', name, 'src', 'main.js');
  if (!existsSync(file)) throw new Error(`${file} is not there: run "npm run build" first (npm test does)`);
  return file;
}

/** Variables beside those of this process. */
export type Environment = Readonly<Record<string, string>>;

/** A process of a built app. */
export class Program {
  output = '';
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;

  constructor(app: string, argv: readonly string[], environment: Environment = {}) {
    this.child = spawn(process.execPath, [builtApp(app), ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = new Promise((resolve) => this.child.once('close', resolve));
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ready(): Promise<string> {
    const found = (): string | undefined => /^Fanin is ready: (\S+)$/m.exec(this.output)?.[1];
    await until('the program is ready', () => found() !== undefined || !this.running, 240_000);
    const url = found();
    if (url === undefined) throw new Error(`it did not start:\n${this.output}`);
    return url;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.running) this.child.kill(signal);
    return this.exited;
  }
}

/** `keys create` beside a running system. */
export async function createKey(
  app: string,
  place: readonly string[],
  tenant: string,
  scopes: string,
): Promise<string> {
  const program = new Program(app, ['keys', 'create', ...place, '--tenant', tenant, '--scopes', scopes]);
  const code = await program.exited;
  const key = /^key +(\S+)$/m.exec(program.output)?.[1];
  if (code !== 0 || key === undefined) throw new Error(`no key (exit code ${code}):\n${program.output}`);
  return key;
}
