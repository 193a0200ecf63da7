import { startXSimulator, type XSimulator } from '@fanin/simulators/x';
import type { SimulatedVendor, SimulatedVendorOptions } from './simulated-vendor.js';

export interface SimulatedX extends SimulatedVendor {
  readonly simulator: XSimulator;
}

export interface SimulatedXOptions extends SimulatedVendorOptions {
  /** Where the certificate of the simulator's authority is written: clients must be told to trust it. */
  readonly caFile: string;
}

/** X takes no plain http; the webhook is registered by the channel itself when it starts, so `connect` has nothing to do. */
export async function startSimulatedX({ caFile, ...options }: SimulatedXOptions): Promise<SimulatedX> {
  const simulator = await startXSimulator({ ...options, settings: { any_hook_url: true } });
  await simulator.writeCa(caFile);
  const [account] = simulator.accounts();
  if (account === undefined) throw new Error('the simulated X has no account');
  const { app } = simulator;
  const tokens = simulator.tokens();
  return {
    name: 'x',
    url: simulator.url,
    simulator,
    accounts: (tenant, prefix) => [
      {
        id: `${prefix}-x`,
        tenant,
        channel: 'social-x',
        config: {
          user_id: account.id,
          username: account.username,
          client_id: app.clientId,
          client_secret: app.clientSecret,
          consumer_secret: app.consumerSecret,
          app_id: app.id,
          app_name: app.name,
          refresh_token: tokens.refreshToken,
          access_token: tokens.accessToken,
          bearer_token: app.bearerToken,
          api_address: `127.0.0.1:${simulator.port}`,
          api_ca_file: caFile,
        },
      },
    ],
    templates: () => [],
    connect: () => Promise.resolve(),
    close: () => simulator.close(),
  };
}
