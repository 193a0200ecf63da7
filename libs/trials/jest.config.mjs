import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'trials', rootDir: import.meta.dirname };
