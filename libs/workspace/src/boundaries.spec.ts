import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ESLint } from 'eslint';

/**
 * The layers are only as good as the rule that guards them, and ESLint skips the Nx rule with a mere warning when the
 * project graph is missing. So this lints snippets that break each ban, as if they stood in a file of the project, and
 * requires the rule to fire.
 */
const root = join(import.meta.dirname, '..', '..', '..');

interface Snippet {
  readonly breaks: string;
  readonly file: string;
  readonly code: string;
  readonly rule: string;
  readonly says: RegExp;
}

const SNIPPETS: readonly Snippet[] = [
  {
    breaks: 'a channel that imports another channel',
    file: 'libs/channels/chat-web/src/manifest.ts',
    code: "export { channel } from '@fanin/channels/email-smtp';\n",
    rule: 'no-restricted-imports',
    says: /never imports another channel/,
  },
  {
    breaks: 'a channel that imports Nest',
    file: 'libs/channels/chat-web/src/manifest.ts',
    code: "export { Module } from '@nestjs/common';\n",
    rule: 'no-restricted-imports',
    says: /knows no Nest/,
  },
  {
    breaks: 'kafkajs outside bus-kafka',
    file: 'libs/tickets/src/index.ts',
    code: "export { Kafka } from 'kafkajs';\n",
    rule: 'no-restricted-imports',
    says: /Only libs\/bus-kafka/,
  },
  {
    breaks: 'an engine that imports the other engine',
    file: 'libs/bus-kafka/src/index.ts',
    code: "export * from '@fanin/bus-postgres';\n",
    rule: '@nx/enforce-module-boundaries',
    says: /layer:bus-engine/,
  },
  {
    breaks: 'tickets that import analytics',
    file: 'libs/tickets/src/index.ts',
    code: "import '@fanin/analytics';\n",
    rule: '@nx/enforce-module-boundaries',
    says: /scope:tickets|layer:domain/,
  },
  {
    breaks: 'an environment variable read in passing',
    file: 'libs/tickets/src/index.ts',
    code: 'export const value = process.env;\n',
    rule: 'no-restricted-syntax',
    says: /config reader/,
  },
  {
    breaks: 'a promise left alone',
    file: 'libs/tickets/src/index.ts',
    code: 'export function run(): void {\n  Promise.resolve(1);\n}\n',
    rule: '@typescript-eslint/no-floating-promises',
    says: /Promises must be awaited/,
  },
];

/** With CI=true the parser would take the file from disk instead of the snippet. */
const READ_WHAT_IS_GIVEN = { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } };

describe('layers and bans', () => {
  beforeAll(() => {
    // The graph that the boundary rule reads; ESLint alone would skip the rule without it.
    execFileSync(
      process.execPath,
      [join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js'), 'graph', '--file=.nx/graph.json'],
      { cwd: root, stdio: 'pipe' },
    );
  }, 120_000);

  it.each(SNIPPETS)(
    'refuses $breaks',
    async ({ file, code, rule, says }) => {
      const [result] = await new ESLint({ cwd: root, overrideConfig: READ_WHAT_IS_GIVEN }).lintText(code, {
        filePath: join(root, file),
      });
      const hits = (result?.messages ?? []).filter((message) => message.ruleId === rule);
      expect(hits.map((message) => message.message).join('\n')).toMatch(says);
    },
    120_000,
  );
});
