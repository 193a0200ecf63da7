import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'simulator-twilio', rootDir: import.meta.dirname };
