import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'simulator-x', rootDir: import.meta.dirname };
