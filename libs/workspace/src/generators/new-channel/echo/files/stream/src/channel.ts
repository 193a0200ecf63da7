import { defineChannel } from '@fanin/connector-kit';
import { createCapture } from './capture.js';
import { createClient } from './client.js';
import { EchoConfig } from './config.js';
import { manifest } from './manifest.js';
import { normalise } from './normalise.js';

export const channel = defineChannel<EchoConfig>({
  manifest,
  Config: EchoConfig,
  create: (account) => ({
    capture: createCapture(createClient(account.config)),
    normalise,
    close: async () => undefined,
  }),
});
