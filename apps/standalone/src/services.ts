import { ANALYTICS_PART, AnalyticsModule } from '@fanin/analytics';
import { LEDGER_PART, LedgerModule } from '@fanin/ledger';
import { PagesModule } from '@fanin/pages';
import {
  AccountsModule,
  CHANNELS_PART,
  connectorService,
  type ChannelEntry,
  type FaninConfig,
  type ServiceDefinition,
} from '@fanin/platform';
import { ticketCoreService } from '@fanin/tickets';

/** Every service of Fanin, in one process. They meet on the bus only; one connector for each family that has a channel. */
export function allServices(config: FaninConfig, channels: readonly ChannelEntry[]): readonly ServiceDefinition[] {
  const families = [...new Set(channels.map(({ manifest }) => manifest.family))];
  return [
    ...families.map((family) => connectorService(family, config, channels)),
    ticketCoreService,
    { name: 'accounts', database: [CHANNELS_PART], modules: [AccountsModule] },
    {
      name: 'analytics',
      database: [ANALYTICS_PART, LEDGER_PART],
      modules: [AnalyticsModule, LedgerModule, PagesModule],
    },
  ];
}
