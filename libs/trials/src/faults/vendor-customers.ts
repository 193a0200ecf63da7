import { createHash } from 'node:crypto';
import { ACKNOWLEDGED, type Answer, type Door, type DrivenMessage } from '../drive/door.js';
import { VENDOR_ACCOUNTS, type Vendors } from '../system/vendors.js';

interface Customers {
  /** Which account of shop A's hears of them. */
  readonly account: string;
  /** The `nth` of them writes at the vendor, with a picture or without. */
  write(vendors: Vendors, nth: number, text: string, picture: Buffer | undefined): void;
}

const CUSTOMERS = {
  'at-twilio': {
    account: VENDOR_ACCOUNTS.phone,
    write: ({ twilio }, nth, body, bytes) =>
      twilio.simulator.inbound({
        from: `+1305${String(2_000_000 + nth)}`,
        body,
        ...(bytes === undefined ? {} : { media: [{ content_type: 'image/png', bytes }] }),
      }),
  },
  'at-x': {
    account: VENDOR_ACCOUNTS.x,
    write: ({ x }, nth, text, picture) =>
      x.simulator.inbound({
        kind: 'dm',
        from: { username: `faults_${nth}` },
        text,
        ...(picture === undefined ? {} : { media: [{ type: 'photo', base64: picture.toString('base64') }] }),
      }),
  },
  'at-meta': {
    account: VENDOR_ACCOUNTS.messenger,
    write: ({ meta }, nth, text, picture) =>
      meta.simulator.inbound({ channel: 'messenger', from: { name: `Faults ${nth}` }, text, ...attached(picture) }),
  },
  'at-instagram': {
    account: VENDOR_ACCOUNTS.instagram,
    write: ({ meta }, nth, text, picture) =>
      meta.simulator.inbound({ channel: 'instagram_dm', from: { name: `Faults ${nth}` }, text, ...attached(picture) }),
  },
  'at-whatsapp': {
    account: VENDOR_ACCOUNTS.whatsapp,
    write: ({ meta }, nth, text, picture) =>
      meta.simulator.inbound({
        channel: 'whatsapp',
        from: `1305${String(3_000_000 + nth)}`,
        ...(picture === undefined
          ? { text }
          : { kind: 'image', caption: text, file: { base64: picture.toString('base64') } }),
      }),
  },
} as const satisfies Readonly<Record<string, Customers>>;

function attached(picture: Buffer | undefined): { attachments?: { type: 'image'; base64: string }[] } {
  return picture === undefined ? {} : { attachments: [{ type: 'image', base64: picture.toString('base64') }] };
}

/** Each second message has one, and no two are the same. */
function pictureOf({ id, party }: DrivenMessage): Buffer | undefined {
  return party % 2 === 0 ? Buffer.from(`picture of ${id}`) : undefined;
}

export type AtVendor = keyof typeof CUSTOMERS;

export const AT_VENDORS = Object.keys(CUSTOMERS) as readonly AtVendor[];

export function isAtVendor(stream: string): stream is AtVendor {
  return Object.hasOwn(CUSTOMERS, stream);
}

/**
 * Customers of the vendors: a message is safe once the vendor has it, and it is our affair to come by it, by webhook, by the
 * vendor's repetition, or by its lists. Vendors promise no order, so each message is a conversation of its own.
 */
export class VendorCustomers implements Door {
  readonly textBytes = 80;
  readonly account: string;
  private made = 0;

  constructor(
    readonly name: AtVendor,
    private readonly vendors: Vendors,
  ) {
    this.account = `a/${CUSTOMERS[name].account}`;
  }

  idOf(run: string, sequence: number): string {
    return `${run}-${this.name}-${sequence}`;
  }

  fileOf(message: DrivenMessage): string | undefined {
    const picture = pictureOf(message);
    return picture && createHash('sha256').update(picture).digest('hex');
  }

  send(message: DrivenMessage): Promise<Answer> {
    this.made += 1;
    CUSTOMERS[this.name].write(this.vendors, this.made, message.text, pictureOf(message));
    return Promise.resolve(ACKNOWLEDGED);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
