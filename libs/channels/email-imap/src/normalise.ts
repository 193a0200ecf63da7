import type { Normalise } from '@fanin/connector-kit';
import { createNormaliseMail, type MailParser } from '@fanin/mail';
import type { Config } from './config.js';

/** Flag of a message that stands for a mail whose body stayed in the mailbox. */
const LEFT_IN_MAILBOX = 'left_in_mailbox';

/** As all mail; a mail that stands for another one says so. */
export function createNormalise(
  parser: MailParser,
  account: Config,
  secrets: readonly [string, ...string[]],
): Normalise {
  const normaliseMail = createNormaliseMail({ parser, account, secrets });
  return async (delivery) => {
    const normalised = await normaliseMail(delivery);
    if (delivery.meta['captured'] === undefined) return normalised;
    return {
      ...normalised,
      messages: normalised.messages.map((draft) => ({ ...draft, flags: [...draft.flags, LEFT_IN_MAILBOX] })),
    };
  };
}
