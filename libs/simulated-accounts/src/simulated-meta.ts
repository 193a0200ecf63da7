import { demoApp, startMetaSimulator, type MetaSimulator } from '@fanin/simulators/meta';
import type { SimulatedVendor, SimulatedVendorOptions } from './simulated-vendor.js';

export interface SimulatedMeta extends SimulatedVendor {
  readonly simulator: MetaSimulator;
}

/** One app with a Page, its Instagram account and a WhatsApp number: three accounts of Fanin's. */
export async function startSimulatedMeta(options: SimulatedVendorOptions = {}): Promise<SimulatedMeta> {
  const simulator = await startMetaSimulator(options);
  const [page] = demoApp.pages ?? [];
  const [phone] = demoApp.phones ?? [];
  if (page?.instagram === undefined || phone === undefined) throw new Error('the simulated app has no page or phone');
  const instagram = page.instagram;
  const app = {
    app_id: demoApp.id,
    app_secret: demoApp.secret,
    verify_token: demoApp.verifyToken,
    api_url: simulator.url,
  };
  return {
    name: 'meta',
    url: simulator.url,
    simulator,
    accounts: (tenant, prefix) => [
      {
        id: `${prefix}-messenger`,
        tenant,
        channel: 'social-meta-messenger',
        config: { ...app, page_id: page.id, access_token: page.accessToken },
      },
      {
        id: `${prefix}-instagram`,
        tenant,
        channel: 'social-instagram',
        config: { ...app, instagram_id: instagram.id, page_id: page.id, access_token: page.accessToken },
      },
      {
        id: `${prefix}-whatsapp`,
        tenant,
        channel: 'whatsapp-cloud',
        config: { ...app, phone_number_id: phone.id, access_token: phone.accessToken },
      },
    ],
    connect: (prefix, hookUrl) =>
      simulator.configure({
        webhooks: {
          page: hookUrl(`${prefix}-messenger`),
          instagram: hookUrl(`${prefix}-instagram`),
          whatsapp_business_account: hookUrl(`${prefix}-whatsapp`),
        },
      }),
    close: () => simulator.close(),
  };
}
