import { channels } from '@fanin/channel-list';
import { connectorService, leaveWith, runApp, thisProcess } from '@fanin/platform';

leaveWith(
  await runApp({
    name: 'chat-connector',
    channels,
    families: ['chat'],
    definition: (config, all) => connectorService('chat', config, all),
    process: thisProcess(),
  }),
);
