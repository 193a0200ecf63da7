import { channels } from '@fanin/channel-list';
import { connectorService, leaveWith, runApp, thisProcess } from '@fanin/platform';

leaveWith(
  await runApp({
    name: 'phone-connector',
    channels,
    families: ['phone'],
    definition: (config, all) => connectorService('phone', config, all),
    process: thisProcess(),
  }),
);
