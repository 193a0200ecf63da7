import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'email-smtp', rootDir: import.meta.dirname };
