/**
 * Installs the dependencies when node_modules is missing or belongs to another package-lock.json. Plain JavaScript on
 * Node alone, because it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const modules = join(root, 'node_modules');
/** Which lock file node_modules was made from. */
const stampFile = join(modules, '.fanin-lock');

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Fanin needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** The names and versions that npm itself wrote down when it last installed here. */
function samePackages() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const found = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
    const foreign = (entry) => entry.optional === true || entry.os !== undefined || entry.cpu !== undefined;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || foreign(entry) || found[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

function isCurrent() {
  if (!existsSync(modules)) return false;
  const hash = lockHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return true;
  if (!samePackages()) return false;
  writeFileSync(stampFile, hash);
  return true;
}

export async function ensureInstalled({ onProgress = (line) => console.log(line) } = {}) {
  requireNode();
  if (isCurrent()) return false;
  onProgress(
    existsSync(modules)
      ? 'Dependencies changed, installing them …'
      : 'Installing dependencies (once, about a minute) …',
  );
  await npmCi(onProgress);
  writeFileSync(stampFile, lockHash());
  return true;
}

/** npm's own file where npm started us, so that the same npm is used; else the one on the PATH. */
function npmCi(onProgress) {
  const own = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, all] = own?.endsWith('.js') ? [process.execPath, [own, ...args]] : ['npm', args];
  const began = Date.now();
  const ticking = setInterval(
    () => onProgress(`  … still installing, ${Math.round((Date.now() - began) / 1000)} s`),
    10_000,
  );
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', reject);
    child.on('close', () => clearInterval(ticking));
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`npm ci ended with ${code}. Its output above says why.`)),
    );
  });
}
