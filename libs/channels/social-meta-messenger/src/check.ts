import type { ChannelHost, ConnectionCheck } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { checkToken, read, saidOnce, textAt, type AccountGraph } from '@fanin/meta';
import type { MessengerConfig } from './config.js';

const RIGHTS = {
  needed: ['pages_messaging'],
  wished: ['pages_manage_engagement'],
};

/** Is the token good, is it this Page's, what does it lack? */
export function createCheck(config: MessengerConfig, { graph, app }: AccountGraph, host: ChannelHost): ConnectionCheck {
  const warn = saidOnce((message, fields) => host.logger.warn(message, { page_id: config.page_id, ...fields }));
  return {
    check: async (signal) => {
      const page = await read(graph, 'me', { fields: 'id,name' }, signal);
      const id = textAt(page, 'id');
      if (id !== config.page_id)
        throw new FaninError('CONFIG', `access_token belongs to ${id ?? 'nobody'}, not to page_id ${config.page_id}`);
      const { app_id: appId, access_token: token } = config;
      await checkToken({ app, appId, token, rights: RIGHTS, nowMs: host.clock.now(), warn }, signal);
    },
  };
}
