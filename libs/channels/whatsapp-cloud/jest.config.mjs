import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'whatsapp-cloud', rootDir: import.meta.dirname };
