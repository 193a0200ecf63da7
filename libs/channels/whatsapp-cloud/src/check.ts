import type { ChannelHost, ConnectionCheck } from '@fanin/connector-kit';
import { checkToken, read, saidOnce, type AccountGraph } from '@fanin/meta';
import type { WhatsappConfig } from './config.js';

const RIGHTS = { needed: ['whatsapp_business_messaging'], wished: [] };

/** Is the token good, does it reach the number, what does it lack? */
export function createCheck(config: WhatsappConfig, { graph, app }: AccountGraph, host: ChannelHost): ConnectionCheck {
  const warn = saidOnce((message, fields) =>
    host.logger.warn(message, { phone_number_id: config.phone_number_id, ...fields }),
  );
  return {
    check: async (signal) => {
      await read(graph, config.phone_number_id, { fields: 'id,verified_name,quality_rating' }, signal);
      const { app_id: appId, access_token: token } = config;
      await checkToken({ app, appId, token, rights: RIGHTS, nowMs: host.clock.now(), warn }, signal);
    },
  };
}
