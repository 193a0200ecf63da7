import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'email-connector', rootDir: import.meta.dirname };
