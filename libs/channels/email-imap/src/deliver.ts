import { createMailSender, type MailSender } from '@fanin/mail';
import type { Config } from './config.js';

export function createDeliver(
  account: Config,
  secrets: readonly [string, ...string[]],
  outboxFolder: string | undefined,
): MailSender {
  return createMailSender({ account, secrets, outboxFolder });
}
