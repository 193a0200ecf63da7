import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateFiles, names } from '@nx/devkit';

const FAMILIES = ['email', 'phone', 'chat', 'social'];
const IDENTITIES = { email: 'email', phone: 'phone', chat: 'visitor', social: 'social' };
const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'schema.json'), 'utf8'));

/** Everything that is wrong with the wishes, each line with what would be right. */
export function problemsOf({ slug, capture, family }) {
  const { pattern, maxLength } = schema.properties.slug;
  const problems = [];
  if (slug === undefined) problems.push('SLUG is missing: the name of the folder, e.g. social-mastodon');
  else if (!new RegExp(pattern).test(slug) || slug.length > maxLength)
    problems.push(`SLUG '${slug}' must be kebab-case, at most ${maxLength} characters, e.g. social-mastodon`);
  const shapes = schema.properties.capture.enum;
  if (!shapes.includes(capture))
    problems.push(`--capture must be one of ${shapes.join(', ')}: how do deliveries come in? E.g. --capture webhook`);
  if (
    family !== undefined ? !FAMILIES.includes(family) : slug !== undefined && familyOf({ slug, family }) === undefined
  )
    problems.push(
      `--family must be one of ${FAMILIES.join(', ')}${family === undefined ? ' (it cannot be told from the slug)' : ''}, e.g. --family social`,
    );
  return problems;
}

function familyOf({ slug, family }) {
  if (family !== undefined) return FAMILIES.includes(family) ? family : undefined;
  return FAMILIES.find((known) => slug.split('-')[0] === known);
}

/** Nx generator: writes libs/channels/SLUG and nothing else. */
export async function newChannelGenerator(tree, wishes) {
  const problems = problemsOf(wishes);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { slug, capture } = wishes;
  const folder = `libs/channels/${slug}`;
  if (tree.exists(folder) && tree.children(folder).length > 0)
    throw new Error(`${folder} exists already: choose another slug, or remove the folder`);
  const family = familyOf(wishes);
  const { className } = names(slug);
  const title = slug
    .split('-')
    .map((word) => names(word).className)
    .join(' ');
  const values = { slug, capture, family, title, Config: `${className}Config`, identity: IDENTITIES[family], tmpl: '' };
  for (const part of ['common', capture]) generateFiles(tree, join(import.meta.dirname, 'files', part), folder, values);
}
