/**
 * One Jest setting for every project: native ES modules, swc with decorator metadata, aliases as in tsconfig.base.json.
 * Run Jest with NODE_OPTIONS=--experimental-vm-modules (the npm scripts and `nx test` do).
 */
const root = import.meta.dirname;

export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  transform: {
    '^.+\\.ts$': [
      `${root}/node_modules/@swc/jest/index.js`,
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
      },
    ],
  },
  moduleNameMapper: {
    '^@fanin/(channels|simulators)/([^/]+)$': `${root}/libs/$1/$2/src/index.ts`,
    '^@fanin/([^/]+)$': `${root}/libs/$1/src/index.ts`,
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Taken only when a project runs by itself; all projects together get theirs from jest.config.mjs.
  testTimeout: 60_000,
};
