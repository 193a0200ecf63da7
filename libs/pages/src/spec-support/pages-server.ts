import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@fanin/kernel';
import { prepareServiceRole, readConfigValue, startService } from '@fanin/platform';
import { startTestDatabase } from '@fanin/test-kit';
import { PagesModule } from '../pages.module.js';
import { fixtureApi, FixtureState } from './fixture-api.js';

export interface PagesServer {
  readonly url: string;
  readonly state: FixtureState;
  stop(): Promise<void>;
}

export const OPERATOR_TOKEN = 'operator-token-of-the-pages-0123';

/** The pages behind the platform's own login and headers, over the fixture's API. Makes the bundle when it is stale. */
export async function startPagesServer(): Promise<PagesServer> {
  const root = join(import.meta.dirname, '..', '..', '..', '..');
  const { bundle } = (await import(join(root, 'libs', 'pages', 'browser.mjs'))) as {
    bundle(options: { outdir: string }): Promise<void>;
  };
  await bundle({ outdir: join(root, 'dist', 'libs', 'pages', 'browser') });
  const folder = await mkdtemp(join(tmpdir(), 'fanin-pages-'));
  const database = await startTestDatabase();
  const state = new FixtureState();
  const config = await readConfigValue(
    {
      tenants: [
        { id: 'demo', name: 'Lamp & Desk' },
        { id: 'second', name: 'Second shop' },
      ],
      database: { url: await prepareServiceRole(database.url) },
      storage: { folder },
      http: { port: 0 },
      auth: { session_secret: 's'.repeat(40), operator_token: OPERATOR_TOKEN },
    },
    'test',
    { channels: [], env: {} },
  );
  const service = await startService(
    { name: 'pages', database: [], modules: [PagesModule, fixtureApi(state)] },
    config,
    { logger: silentLogger },
  );
  return {
    url: service.url,
    state,
    async stop() {
      for (const stream of state.streams) stream.end();
      await service.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
