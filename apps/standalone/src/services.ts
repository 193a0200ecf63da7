import type { ChannelEntry, FaninConfig, ServiceDefinition } from '@fanin/platform';

/** Every service of Fanin, in one process. They meet on the bus only. */
export function allServices(_config: FaninConfig, _channels: readonly ChannelEntry[]): readonly ServiceDefinition[] {
  return [];
}
