import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/**
 * Layers (docs/architecture.md): contracts → kernel → ports → families, engines, channels → platform → domain → apps.
 * `depConstraints` names, for each layer, what it may import. The rule needs Nx's project graph: `npm run lint` makes it
 * first, and libs/workspace/src/boundaries.spec.ts proves that the rule fires.
 */
const layers = {
  contracts: [],
  kernel: ['contracts'],
  port: ['contracts', 'kernel', 'port'],
  family: ['contracts', 'kernel', 'port'],
  channel: ['contracts', 'kernel', 'port', 'family'],
  'bus-engine': ['contracts', 'kernel', 'port'],
  platform: ['contracts', 'kernel', 'port', 'bus-engine', 'channel'],
  domain: ['contracts', 'kernel', 'port', 'platform'],
  // Vendors on loopback: strangers to everything of ours but each other, so that no mistake of a channel is repeated in them.
  simulator: ['simulator'],
  app: ['contracts', 'kernel', 'port', 'family', 'bus-engine', 'channel', 'platform', 'domain', 'simulator', 'app'],
  // What drives whole systems from outside knows the accounts of the simulated vendors too.
  test: ['contracts', 'kernel', 'port', 'family', 'bus-engine', 'platform', 'domain', 'simulator', 'app', 'test'],
  workspace: [
    'contracts',
    'kernel',
    'port',
    'family',
    'bus-engine',
    'channel',
    'platform',
    'domain',
    'simulator',
    'app',
    'test',
    'workspace',
  ],
};

const depConstraints = [
  ...Object.entries(layers).map(([layer, allowed]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`),
  })),
  // Domains are strangers to each other: they meet on the bus.
  ...['tickets', 'analytics', 'ledger', 'pages'].map((scope) => ({
    sourceTag: `scope:${scope}`,
    notDependOnLibsWithTags: ['tickets', 'analytics', 'ledger', 'pages']
      .filter((other) => other !== scope)
      .map((other) => `scope:${other}`),
  })),
];

/** Specs may also use the test kit and start the parts that they test against. */
const specConstraints = depConstraints.map((constraint) =>
  constraint.onlyDependOnLibsWithTags === undefined
    ? constraint
    : {
        ...constraint,
        onlyDependOnLibsWithTags: [
          ...constraint.onlyDependOnLibsWithTags,
          'layer:test',
          'layer:simulator',
          'layer:port',
          'layer:bus-engine',
          'layer:platform',
        ],
      },
);

const boundaries = (constraints) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], depConstraints: constraints },
];

const importBan = (names, message) => names.map((name) => ({ name, message }));
const patternBan = (group, message) => ({ group, message });

const onlyKafka = importBan(['kafkajs'], 'Only libs/bus-kafka imports kafkajs; use the Bus port of @fanin/bus.');
const channelBans = {
  paths: [
    ...onlyKafka,
    ...importBan(
      ['pg', 'typeorm'],
      'A channel reaches no database; the host offers ConversationLog, checkpoints and BlobStore.',
    ),
  ],
  patterns: [
    patternBan(['@nestjs/*'], 'A channel knows no Nest; the host wires it.'),
    patternBan(['@fanin/channels/*'], 'A channel never imports another channel; share through a family library.'),
    patternBan(
      ['@fanin/platform', '@fanin/tickets', '@fanin/analytics', '@fanin/ledger'],
      'A channel is written against @fanin/connector-kit only.',
    ),
  ],
};

const syntaxBans = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Read configuration through the platform’s config reader.',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  {
    selector: "CallExpression[callee.object.name='AbortSignal'][callee.property.name='any']",
    message: 'Use cutByAny: what AbortSignal.any makes of a signal stays on it for as long as it lives.',
  },
];
const clockBans = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Use the Clock.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Use the Clock.' },
];

const sources = [
  'apps/*/src/**/*.ts',
  'libs/*/src/**/*.ts',
  'libs/channels/*/src/**/*.ts',
  'libs/simulators/*/src/**/*.ts',
];
const specs = [
  '**/*.spec.ts',
  '**/testing/**/*.ts',
  '**/*.contract.ts',
  '**/spec-support/**/*.ts',
  '**/spec-support.ts',
  'libs/test-kit/src/**/*.ts',
  'libs/trials/src/**/*.ts',
  '**/bench/**/*.ts',
];

export default tseslint.config(
  {
    ignores: [
      'dist',
      'node_modules',
      '.nx',
      '.fanin',
      '.services',
      'coverage',
      'tmp',
      '**/browser/**',
      'libs/workspace/src/generators/**/files/**',
    ],
  },
  {
    files: sources,
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin, '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(depConstraints),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { paths: onlyKafka }],
      'no-restricted-syntax': ['error', ...syntaxBans, ...clockBans],
    },
  },
  { files: ['libs/bus-kafka/src/**/*.ts', 'libs/dev-kafka/src/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['libs/channels/*/src/**/*.ts'], rules: { 'no-restricted-imports': ['error', channelBans] } },
  { files: ['libs/kernel/src/clock.ts'], rules: { 'no-restricted-syntax': ['error', ...syntaxBans] } },
  {
    files: specs,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(specConstraints),
      'no-restricted-syntax': 'off',
      'no-restricted-imports': 'off',
      'no-console': 'off',
    },
  },
  {
    files: ['libs/platform/src/config/**/*.ts', 'libs/workspace/src/**/*.ts', 'libs/dev-kafka/src/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
);
