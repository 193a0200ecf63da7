import { channels } from '@fanin/channel-list';
import { AccountsModule, CHANNELS_PART, leaveWith, runApp, thisProcess, type ServiceDefinition } from '@fanin/platform';
import { ticketCoreService } from '@fanin/tickets';

/** The API of the accounts is served where the API of the tickets is. */
const definition: ServiceDefinition = {
  ...ticketCoreService,
  database: [...ticketCoreService.database, CHANNELS_PART],
  modules: [...ticketCoreService.modules, AccountsModule],
};

leaveWith(await runApp({ name: definition.name, channels, definition: () => definition, process: thisProcess() }));
