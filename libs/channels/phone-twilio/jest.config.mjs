import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'phone-twilio', rootDir: import.meta.dirname };
