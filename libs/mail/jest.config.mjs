import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'mail', rootDir: import.meta.dirname };
