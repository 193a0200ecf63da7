import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'tickets', rootDir: import.meta.dirname };
