/**
 * npm run docs:check
 *
 * Holds the documentation against the repository: every relative link and image exists, every anchor is a heading, every
 * `npm run NAME` is a script, every file named in backticks (with a folder and an extension) is there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');
const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
});
const files = list.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));

/** GitHub's anchor of a heading. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/`|\*|\[|\]|\([^)]*\)/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

function anchorsOf(text) {
  return new Set([...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map((match) => anchorOf(match[1])));
}

function problemsOf(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  const problems = [];
  for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/i.test(target)) continue;
    const [path, anchor] = target.split('#');
    const full = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(join(root, full))) problems.push(`link to ${target}: there is no ${full}`);
    else if (anchor && full.endsWith('.md') && !anchorsOf(readFileSync(join(root, full), 'utf8')).has(anchor))
      problems.push(`link to ${target}: no such heading`);
  }
  for (const [, name] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
    if (scripts[name] === undefined) problems.push(`npm run ${name}: there is no such script`);
  }
  for (const [, path] of prose.matchAll(/`((?:apps|libs|deploy|docs|\.ci)\/[\w./-]+\.\w+)`/g)) {
    if (!existsSync(join(root, path))) problems.push(`names ${path}: there is no such file`);
  }
  return problems;
}

let count = 0;
for (const file of files) {
  for (const problem of problemsOf(file)) {
    console.error(`${file}: ${problem}`);
    count += 1;
  }
}
console.log(`${files.length} documents, ${count} problems`);
process.exitCode = count > 0 ? 1 : 0;
