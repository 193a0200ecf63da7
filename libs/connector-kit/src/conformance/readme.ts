import { fieldsOf, type ClassType } from '@fanin/contracts';
import { ERROR_TRAITS, type ErrorCode } from '@fanin/kernel';
import { ACCOUNT_ACTIONS } from '../account-actions.js';
import type { ErrorCase } from './channel-contract.js';
import { CAPABILITIES, type ChannelManifest } from '../manifest.js';

export const README_SECTIONS = ['capabilities', 'config', 'errors'] as const;
export type ReadmeSection = (typeof README_SECTIONS)[number];

/** The three tables of a channel's README, as its code says them. */
export function readmeTables(
  manifest: ChannelManifest,
  Config: ClassType,
  errors: readonly ErrorCase[],
): Readonly<Record<ReadmeSection, string>> {
  return { capabilities: capabilityTable(manifest), config: configTable(Config), errors: errorTable(errors) };
}

function capabilityTable(manifest: ChannelManifest): string {
  const facts: [string, string][] = [
    ['slug', `\`${manifest.slug}\``],
    ['family', manifest.family],
    ['capture', manifest.capture],
    ['sending', manifest.sending],
    ['maturity', manifest.maturity],
    ['largest delivery', `${manifest.limits.maxDeliveryBytes} bytes`],
    [
      'longest reply',
      manifest.limits.maxReplyChars === null ? 'no limit' : `${manifest.limits.maxReplyChars} characters`,
    ],
    ...CAPABILITIES.map((name): [string, string] => [
      name.replaceAll('_', ' '),
      manifest.capabilities.includes(name) ? 'yes' : 'no',
    ]),
  ];
  return table(['', ''], facts);
}

function configTable(Config: ClassType, prefix = ''): string {
  return table(['field', 'what', 'default', 'example'], configRows(Config, prefix));
}

function configRows(Config: ClassType, prefix: string): string[][] {
  return fieldsOf(Config).flatMap((field) => {
    const { options } = field;
    const needed = options.optional === true || options.default !== undefined ? [] : ['required'];
    const notes = [
      ...needed,
      ...(options.secret === true ? ['secret'] : []),
      ...(options.advanced === true ? ['advanced'] : []),
    ];
    const choices =
      field.values === undefined ? '' : ` One of ${field.values.map((value) => `\`${value}\``).join(', ')}.`;
    const path = `${prefix}${field.name}${field.kind === 'objects' ? '[]' : ''}`;
    const example = options.secret === true ? '`${env:NAME}`' : shown(options.example);
    const row = [
      `\`${path}\`${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`,
      `${options.description}${choices}`,
      shown(options.default),
      example,
    ];
    return [row, ...(field.of === undefined ? [] : configRows(field.of(), `${path}.`))];
  });
}

function shown(value: unknown): string {
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function errorTable(errors: readonly ErrorCase[]): string {
  if (errors.length === 0) return 'This channel calls no provider: it has no error table.';
  const rows = errors.map(({ what, code }) => [
    what,
    code,
    stateOf(code),
    ACCOUNT_ACTIONS[code] ?? 'Nothing; it is tried again.',
  ]);
  return table(['what happened', 'code', 'state of the account', 'what to do'], rows);
}

function stateOf(code: ErrorCode): string {
  return ERROR_TRAITS[code].accountState;
}

/** Aligned as Prettier aligns it, so that formatting changes nothing. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 3)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
}

/** A table without its padding: equal when the cells are equal. */
export function sameTable(one: string, other: string): boolean {
  const bare = (text: string): string =>
    text
      .trim()
      .replace(/ *\| */g, '|')
      .replace(/-{3,}/g, '---');
  return bare(one) === bare(other);
}

const markers = (section: ReadmeSection): readonly [string, string] => [
  `<!-- generated:${section} -->`,
  `<!-- /generated:${section} -->`,
];

/** What stands between the markers of a section; undefined when they are missing. */
export function sectionOf(readme: string, section: ReadmeSection): string | undefined {
  const [start, end] = markers(section);
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  return from < 0 || to < from ? undefined : readme.slice(from + start.length, to).trim();
}

/** The README with a section replaced; a section without markers is added at the end. */
export function withSection(readme: string, section: ReadmeSection, text: string): string {
  const [start, end] = markers(section);
  const from = readme.indexOf(start);
  const to = readme.indexOf(end);
  const block = `${start}\n\n${text}\n\n${end}`;
  return from < 0 || to < from
    ? `${readme.trimEnd()}\n\n${block}\n`
    : `${readme.slice(0, from)}${block}${readme.slice(to + end.length)}`;
}
