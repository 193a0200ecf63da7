import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'social-x', rootDir: import.meta.dirname };
