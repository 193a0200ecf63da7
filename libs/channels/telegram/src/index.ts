export { channel } from './channel.js';
