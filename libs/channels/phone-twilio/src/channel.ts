import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createCapture } from './capture.js';
import { createClient } from './client.js';
import { Config } from './config.js';
import { createDeliver } from './deliver.js';
import { toFaninError } from './errors.js';
import { createFormReader } from './fields.js';
import { KnownSids } from './known-sids.js';
import { manifest } from './manifest.js';
import { createMedia } from './media.js';
import { normalise } from './normalise.js';
import { createReconcile } from './reconcile.js';
import { HOOKS } from './routes.js';
import { createVerify } from './verify.js';
import { createVoicePlan } from './voice-plan.js';

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** What the fields cannot say one by one. */
function check(config: Config): void {
  if (config.numbers.length === 0)
    throw new FaninError('CONFIG', 'numbers: name at least one; without it nothing that a webhook missed is found.');
  const numbers = config.numbers.map(({ number }) => number);
  const twice = numbers.find((number, at) => numbers.indexOf(number) !== at);
  if (twice !== undefined) throw new FaninError('CONFIG', `numbers: ${twice} is there twice.`);
  if ((config.api_key_sid === undefined) !== (config.api_key_secret === undefined))
    throw new FaninError('CONFIG', 'api_key_sid and api_key_secret belong together: give both or neither.');
  if (config.api_url === undefined) return;
  if (!URL.canParse(config.api_url))
    throw new FaninError('CONFIG', 'api_url: is no address, write it like http://127.0.0.1:4010.');
  const { protocol, hostname } = new URL(config.api_url);
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    throw new FaninError(
      'CONFIG',
      'api_url: http is for this machine only, credentials would be readable on the way; use https.',
    );
}

function create({ id, config }: ChannelAccount<Config>, host: ChannelHost): ChannelInstance {
  check(config);
  const { clock } = host;
  const plan = createVoicePlan(config);
  const known = new KnownSids(clock);
  const forms = createFormReader();
  const client = createClient(config);
  const hook = (path: string, query: Readonly<Record<string, string>> = {}): string => {
    const search = new URLSearchParams(query).toString();
    return `${host.http.publicUrl}/hooks/${encodeURIComponent(id)}${path}${search === '' ? '' : `?${search}`}`;
  };
  const reconcile = createReconcile({ config, client, plan, known, clock });
  let refused = false;
  return {
    capture: createCapture({
      verify: createVerify(
        [config.auth_token, config.secondary_auth_token].filter((token): token is string => token !== undefined),
        forms,
      ),
      forms,
      plan,
      hook,
      known,
      clock,
      onRefused: () => void (refused = true),
      onTaken: () => {
        // The log is back: what Twilio offered meanwhile is fetched at once, not at the next turn.
        if (refused) reconcile.wake();
        refused = false;
      },
    }),
    normalise,
    deliver: createDeliver(config, client, (outboundId) => hook('/status', { outbound_id: outboundId }), clock),
    connection: {
      check: async (signal) => {
        const status = await client.accountStatus(signal).catch((error: unknown) => {
          throw toFaninError(error);
        });
        if (status !== 'active')
          throw new FaninError(
            'PERMISSION',
            `Twilio says that the account is ${status === '' ? 'not active' : status}`,
          );
      },
    },
    reconcile,
    media: createMedia(config, client, clock),
    hooks: HOOKS,
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

export const channel = defineChannel<Config>({ manifest, Config, create });
