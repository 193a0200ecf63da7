import { defineChannel } from '@fanin/connector-kit';
import { createCapture } from './capture.js';
import { ChatWebConfig } from './config.js';
import { createDeliver } from './deliver.js';
import { ChatDoor } from './door.js';
import { manifest } from './manifest.js';
import { normalise } from './normalise.js';
import { checkOrigins } from './origin.js';
import { createVisitorVerifier } from './client-jwt.js';
import { serveWidgetFiles } from './widget-files.js';
import { FaninError } from '@fanin/kernel';

export const channel = defineChannel<ChatWebConfig, ChatDoor>({
  manifest,
  Config: ChatWebConfig,
  open: async (host) => {
    const door = new ChatDoor(host);
    serveWidgetFiles(host, (wanted) => door.demoAccount(wanted));
    return door;
  },
  closeShared: (door) => door.close(),
  create: (account, host, door) => {
    checkOrigins(account.config.allowed_origins);
    if (account.config.identity === 'required' && account.config.jwt_keys.length === 0) {
      throw new FaninError('CONFIG', 'identity is "required" but jwt_keys is empty: nobody could sign in');
    }
    const verifier = createVisitorVerifier(account.config.jwt_keys, account.tenant, host.clock);
    return {
      capture: createCapture(account, verifier, host, door),
      normalise,
      deliver: createDeliver(host.conversations),
      close: async () => undefined,
    };
  },
});
