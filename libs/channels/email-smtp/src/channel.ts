import { defineChannel, type ChannelAccount, type ChannelHost, type ChannelInstance } from '@fanin/connector-kit';
import { FaninError } from '@fanin/kernel';
import { createMailParser, mailSecretsOf, normaliseAddress, type MailParser } from '@fanin/mail';
import { createCapture } from './capture.js';
import { openSmtpDoor, type SmtpDoor } from './client.js';
import { Config } from './config.js';
import { createDeliver } from './deliver.js';
import { Mailroom } from './mailroom.js';
import { manifest } from './manifest.js';
import { createNormalise } from './normalise.js';

/** What all accounts of a process share: the port, and the threads that parse. */
interface Shared {
  readonly mailroom: Mailroom;
  readonly door: SmtpDoor;
  readonly parser: MailParser;
}

async function open(host: ChannelHost): Promise<Shared> {
  const mailroom = new Mailroom(host.logger);
  const door = await openSmtpDoor({
    ...host.smtp,
    maxBytes: manifest.limits.maxDeliveryBytes,
    events: mailroom,
    onError: (error) => host.logger.debug('an SMTP connection broke', { error }),
  });
  host.logger.info('SMTP door is open', { host: host.smtp.host, port: door.port });
  return { mailroom, door, parser: createMailParser() };
}

function create(
  { id, config }: ChannelAccount<Config>,
  host: ChannelHost,
  { mailroom, parser }: Shared,
): ChannelInstance {
  const secrets = mailSecretsOf(host);
  const bad = config.addresses.find((address) => normaliseAddress(address) === undefined);
  if (bad !== undefined || config.addresses.length === 0)
    throw new FaninError(
      'CONFIG',
      'addresses: each must be an e-mail address such as support@example.com, and there must be one.',
    );
  const owner = mailroom.register(id, config.addresses);
  if (owner !== undefined)
    throw new FaninError(
      'CONFIG',
      `addresses: one of them belongs to the account "${owner}" already; an address has one account.`,
    );
  const deliver = createDeliver(config, secrets, host.outboxFolder);
  return {
    capture: createCapture(id, mailroom),
    normalise: createNormalise(parser, config, secrets),
    deliver,
    connection: { check: () => deliver.check() },
    close: async () => {
      mailroom.unregister(id);
      await deliver.close();
    },
  };
}

export const channel = defineChannel<Config, Shared>({
  manifest,
  Config,
  open,
  create,
  closeShared: async ({ door, parser }) => {
    await door.close();
    await parser.close();
  },
});
