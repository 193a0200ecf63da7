import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'calendar', rootDir: import.meta.dirname };
