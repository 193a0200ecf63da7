import type { ChannelAccount, ChannelHost, StreamCapture } from '@fanin/connector-kit';
import { AttachedAccount } from './attached-account.js';
import type { ChatWebConfig } from './config.js';
import type { ChatDoor } from './door.js';
import type { VisitorVerifier } from './client-jwt.js';

/** Keeps the account's door open. Every replica may: a visitor's sockets can end at any of them. */
export function createCapture(
  account: ChannelAccount<ChatWebConfig>,
  verifier: VisitorVerifier,
  host: ChannelHost,
  door: ChatDoor,
): StreamCapture {
  return {
    shape: 'stream',
    exclusive: false,
    run: async ({ emit, signal, connected }) => {
      const attached = new AttachedAccount(account, verifier, host, door, emit);
      if (signal.aborted) return;
      door.attach(attached);
      connected();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      door.detach(attached);
    },
  };
}
