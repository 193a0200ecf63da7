import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'simulator-core', rootDir: import.meta.dirname };
