import { ANALYTICS_PART, AnalyticsModule } from '@fanin/analytics';
import { channels } from '@fanin/channel-list';
import { LEDGER_PART, LedgerModule } from '@fanin/ledger';
import { PagesModule } from '@fanin/pages';
import { leaveWith, runApp, thisProcess, type ServiceDefinition } from '@fanin/platform';

const definition: ServiceDefinition = {
  name: 'analytics',
  database: [ANALYTICS_PART, LEDGER_PART],
  modules: [AnalyticsModule, LedgerModule, PagesModule],
};

leaveWith(await runApp({ name: definition.name, channels, definition: () => definition, process: thisProcess() }));
