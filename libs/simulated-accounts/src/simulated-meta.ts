import { demoApp, startMetaSimulator, type MetaAppOptions, type MetaSimulator } from '@fanin/simulators/meta';
import type { SimulatedVendor, SimulatedVendorOptions } from './simulated-vendor.js';

export interface SimulatedMeta extends SimulatedVendor {
  readonly simulator: MetaSimulator;
  /** What its accounts are accounts of. */
  readonly app: MetaAppOptions;
}

export interface SimulatedMetaOptions extends SimulatedVendorOptions {
  /** With a Page, its Instagram account and a WhatsApp number. Default: the simulator's own. */
  readonly app?: MetaAppOptions;
  /** The waits of Meta's retries are multiplied by it. Default 1. */
  readonly retryScale?: number;
}

/** One app with a Page, its Instagram account and a WhatsApp number: three accounts of Fanin's. */
export async function startSimulatedMeta(options: SimulatedMetaOptions = {}): Promise<SimulatedMeta> {
  const { app: own = demoApp, ...rest } = options;
  const [page] = own.pages ?? [];
  const [phone] = own.phones ?? [];
  if (page?.instagram === undefined || phone === undefined) throw new Error('the simulated app has no page or phone');
  const simulator = await startMetaSimulator({ ...rest, apps: [own] });
  const instagram = page.instagram;
  const app = {
    app_id: own.id,
    app_secret: own.secret,
    verify_token: own.verifyToken,
    api_url: simulator.url,
  };
  return {
    name: 'meta',
    url: simulator.url,
    simulator,
    app: own,
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
    templates: () =>
      (phone.templates ?? []).map(
        ({ name, language, parameters, status = 'APPROVED' }) =>
          `${name} (${language}), variables: ${parameters}${status === 'APPROVED' ? '' : `, ${status.toLowerCase()}`}`,
      ),
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
