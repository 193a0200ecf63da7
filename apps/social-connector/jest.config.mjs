import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'social-connector', rootDir: import.meta.dirname };
