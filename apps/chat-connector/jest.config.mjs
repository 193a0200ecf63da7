import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'chat-connector', rootDir: import.meta.dirname };
