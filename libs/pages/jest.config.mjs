import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'pages', rootDir: import.meta.dirname };
