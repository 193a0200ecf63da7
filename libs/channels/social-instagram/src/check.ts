import type { ChannelHost, ConnectionCheck } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { checkToken, read, saidOnce, textAt, type AccountGraph } from '@fanin/meta';
import type { InstagramConfig } from './config.js';

const RIGHTS = {
  needed: ['instagram_manage_messages'],
  wished: ['instagram_manage_comments'],
};

/** Is the token good, does it reach this account, what does it lack? */
export function createCheck(config: InstagramConfig, { graph, app }: AccountGraph, host: ChannelHost): ConnectionCheck {
  const warn = saidOnce((message, fields) =>
    host.logger.warn(message, { instagram_id: config.instagram_id, ...fields }),
  );
  return {
    check: async (signal) => {
      const { app_id: appId, access_token: token, instagram_id: wanted, login } = config;
      if (login === 'instagram') {
        const me = await read(graph, 'me', { fields: 'user_id,username' }, signal);
        const id = textAt(me, 'user_id');
        if (id !== wanted)
          throw new FaninError('CONFIG', `access_token belongs to ${id ?? 'nobody'}, not to instagram_id ${wanted}`);
        return;
      }
      await read(graph, wanted, { fields: 'id,username' }, signal);
      await checkToken({ app, appId, token, rights: RIGHTS, nowMs: host.clock.now(), warn }, signal);
    },
  };
}
