/** npm run config:schema – writes deploy/config.schema.json from the configuration classes (after npm run build). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const root = join(import.meta.dirname, '..', '..', '..');
const { configSchema } = await import(join(root, 'dist', 'libs', 'platform', 'src', 'config', 'config-schema.js'));
const file = join(root, 'deploy', 'config.schema.json');
const style = await resolveConfig(file);
writeFileSync(file, await format(JSON.stringify(await configSchema()), { ...style, filepath: file }));
