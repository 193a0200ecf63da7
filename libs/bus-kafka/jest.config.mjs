import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'bus-kafka', rootDir: import.meta.dirname };
