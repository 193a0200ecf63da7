import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'bus-postgres', rootDir: import.meta.dirname };
