import type { Emit } from '@fanin/connector-kit';
import { codeOf, ERROR_TRAITS, type Logger } from '@fanin/kernel';
import { withoutSubaddress, type MailMeta } from '@fanin/mail';
import type { SmtpAnswer, SmtpDoorEvents } from './client.js';

const UNKNOWN: SmtpAnswer = { code: 550, text: '5.1.1 No account has this address' };
const CLOSED: SmtpAnswer = { code: 451, text: '4.3.2 This account takes no mail just now, come again later' };
const LOG_DOWN: SmtpAnswer = { code: 451, text: '4.3.0 The mail could not be kept, come again later' };

interface Box {
  readonly accountId: string;
  emit: Emit | undefined;
}

/** Brings what comes through the one SMTP door to the accounts whose addresses it names. */
export class Mailroom implements SmtpDoorEvents {
  private readonly boxes = new Map<string, Box>();

  constructor(private readonly logger: Logger) {}

  /** Says whose addresses these are. Returns the account that has one of them already, if there is one. */
  register(accountId: string, addresses: readonly string[]): string | undefined {
    const box: Box = { accountId, emit: undefined };
    for (const address of addresses) {
      const taken = this.boxes.get(address.toLowerCase());
      if (taken !== undefined && taken.accountId !== accountId) return taken.accountId;
    }
    for (const address of addresses) this.boxes.set(address.toLowerCase(), box);
    return undefined;
  }

  unregister(accountId: string): void {
    for (const [address, box] of this.boxes) if (box.accountId === accountId) this.boxes.delete(address);
  }

  /** From now on the account takes mail; the function returned ends that. */
  open(accountId: string, emit: Emit): () => void {
    const boxes = [...this.boxes.values()].filter((box) => box.accountId === accountId);
    for (const box of boxes) box.emit = emit;
    return () => boxes.forEach((box) => (box.emit = undefined));
  }

  recipient(address: string): SmtpAnswer | undefined {
    const box = this.boxOf(address);
    if (box === undefined) return UNKNOWN;
    return box.emit === undefined ? CLOSED : undefined;
  }

  /** One delivery for each account named. 250 only when all of them are durable: the sender keeps the mail otherwise. */
  async mail(mail: {
    readonly from: string;
    readonly to: readonly string[];
    readonly raw: Buffer;
  }): Promise<SmtpAnswer | undefined> {
    const recipients = new Map<Box, string[]>();
    for (const address of mail.to) {
      const box = this.boxOf(address);
      if (box !== undefined) recipients.set(box, [...(recipients.get(box) ?? []), address]);
    }
    try {
      for (const [box, addresses] of recipients) {
        if (box.emit === undefined) return CLOSED;
        const meta: MailMeta = { mail_from: mail.from, rcpt_to: addresses.join(' ') };
        await box.emit([
          {
            body: mail.raw,
            contentType: 'message/rfc822',
            meta: { ...meta },
            orderKey: `${box.accountId} ${mail.from}`,
          },
        ]);
      }
      return undefined;
    } catch (error) {
      if (!ERROR_TRAITS[codeOf(error)].retriable) this.logger.error('a mail could not be kept', { error });
      return LOG_DOWN;
    }
  }

  private boxOf(address: string): Box | undefined {
    const wanted = address.toLowerCase();
    return this.boxes.get(wanted) ?? this.boxes.get(withoutSubaddress(wanted));
  }
}
