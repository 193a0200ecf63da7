import type { ChannelFamily } from '@fanin/contracts';
import { ChannelHostModule } from '../channel-host/channel-host.module.js';
import { CHANNELS_PART } from '../channel-host/channels-part.js';
import type { ChannelEntry } from '../config/channel-entry.js';
import type { FaninConfig } from '../config/fanin-config.js';
import type { ServiceDefinition } from './service.js';

/** The connector of one family: every channel of that family that the build found. */
export function connectorService(
  family: ChannelFamily,
  config: FaninConfig,
  channels: readonly ChannelEntry[],
): ServiceDefinition {
  const name = `${family}-connector`;
  const { outbox_folder: outboxFolder } = config.smtp;
  const host = ChannelHostModule.for({
    service: name,
    channels: channels.filter(({ manifest }) => manifest.family === family),
    ...(outboxFolder === undefined ? {} : { outboxFolder }),
  });
  return { name, database: [CHANNELS_PART], modules: [host] };
}
