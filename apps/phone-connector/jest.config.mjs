import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'phone-connector', rootDir: import.meta.dirname };
