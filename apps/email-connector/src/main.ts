import { channels } from '@fanin/channel-list';
import { connectorService, leaveWith, runApp, thisProcess } from '@fanin/platform';

leaveWith(
  await runApp({
    name: 'email-connector',
    channels,
    families: ['email'],
    definition: (config, all) => connectorService('email', config, all),
    process: thisProcess(),
  }),
);
