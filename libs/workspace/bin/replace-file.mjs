/** What a build writes is read by programs that run meanwhile, and by other builds: nobody may see half of a file. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** On the file system of what is built, and out of the way of builds that remove what they do not know. */
const unfinishedFolder = join(import.meta.dirname, '..', '..', '..', 'dist', '.unfinished');

let files = 0;

/** The file takes its name when it is whole. */
export function replaceFile(path, content) {
  const unfinished = join(unfinishedFolder, `${process.pid}-${(files += 1)}-${basename(path)}`);
  mkdirSync(unfinishedFolder, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
}

export function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceFile(path, text);
}
