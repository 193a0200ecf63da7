// Starts the parse worker from its TypeScript source, when nothing was built (tests). In dist/ parse-worker.js is started itself.
import { register } from 'node:module';

register('./source-hooks.mjs', import.meta.url);
await import('./parse-worker.ts');
