import preset from '../../../jest.preset.js';

export default { ...preset, displayName: 'chat-web', rootDir: import.meta.dirname };
