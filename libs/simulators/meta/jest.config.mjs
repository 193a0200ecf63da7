import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'simulator-meta', rootDir: import.meta.dirname };
