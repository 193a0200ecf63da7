import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'analytics-app', rootDir: import.meta.dirname };
