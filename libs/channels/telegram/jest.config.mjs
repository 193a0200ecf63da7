import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'telegram', rootDir: import.meta.dirname };
