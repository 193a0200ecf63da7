import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'social-meta-messenger', rootDir: import.meta.dirname };
