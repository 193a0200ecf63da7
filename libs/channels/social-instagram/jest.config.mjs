import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'social-instagram', rootDir: import.meta.dirname };
