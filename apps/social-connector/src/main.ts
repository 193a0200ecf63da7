import { channels } from '@fanin/channel-list';
import { connectorService, leaveWith, runApp, thisProcess } from '@fanin/platform';

leaveWith(
  await runApp({
    name: 'social-connector',
    channels,
    families: ['social'],
    definition: (config, all) => connectorService('social', config, all),
    process: thisProcess(),
  }),
);
