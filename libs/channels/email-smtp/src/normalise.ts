import type { Normalise } from '@fanin/connector-kit';
import { createNormaliseMail, type MailParser } from '@fanin/mail';
import type { Config } from './config.js';

export function createNormalise(
  parser: MailParser,
  account: Config,
  secrets: readonly [string, ...string[]],
): Normalise {
  return createNormaliseMail({ parser, account, secrets });
}
