import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createMailParser, mailSecretsOf, normaliseAddress, type MailParser } from '@fanin/mail';
import { createCapture } from './capture.js';
import { checkMailbox } from './check.js';
import { Config } from './config.js';
import { createDeliver } from './deliver.js';
import { manifest } from './manifest.js';
import { createNormalise } from './normalise.js';

function create({ config }: ChannelAccount<Config>, host: ChannelHost, parser: MailParser): ChannelInstance {
  const secrets = mailSecretsOf(host);
  const bad = config.addresses.find((address) => normaliseAddress(address) === undefined);
  if (bad !== undefined || config.addresses.length === 0)
    throw new FaninError(
      'CONFIG',
      'addresses: each must be an e-mail address such as support@example.com, and there must be one.',
    );
  const capture = createCapture(config, host.clock);
  const deliver = createDeliver(config, secrets, host.outboxFolder);
  return {
    capture,
    normalise: createNormalise(parser, config, secrets),
    deliver,
    connection: {
      check: async (signal) => void (await Promise.all([checkMailbox(config, signal), deliver.check()])),
    },
    close: async () => {
      await capture.close();
      await deliver.close();
    },
  };
}

export const channel = defineChannel<Config, MailParser>({
  manifest,
  Config,
  open: () => Promise.resolve(createMailParser()),
  create,
  closeShared: (parser) => parser.close(),
});
