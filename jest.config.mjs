/** Every project at once; a new folder with a jest.config.mjs is found by its place. */
export default {
  testTimeout: 60_000,
  projects: [
    '<rootDir>/apps/*/jest.config.mjs',
    '<rootDir>/libs/*/jest.config.mjs',
    '<rootDir>/libs/channels/*/jest.config.mjs',
    '<rootDir>/libs/simulators/*/jest.config.mjs',
  ],
};
