import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'connector-kit', rootDir: import.meta.dirname };
