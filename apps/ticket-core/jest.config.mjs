import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'ticket-core', rootDir: import.meta.dirname };
