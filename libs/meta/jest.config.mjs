import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'meta', rootDir: import.meta.dirname };
