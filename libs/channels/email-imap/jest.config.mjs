import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'email-imap', rootDir: import.meta.dirname };
