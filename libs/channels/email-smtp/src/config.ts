import { MailAccountConfig } from '@fanin/mail';

/** An account whose mail is handed to our own SMTP door: by the shop's mail server, a forwarding rule, or a provider. */
export class Config extends MailAccountConfig {}
