import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'standalone', rootDir: import.meta.dirname };
