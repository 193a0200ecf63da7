import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'simulated-accounts', rootDir: import.meta.dirname };
