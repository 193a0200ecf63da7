import type { SeededRandom } from '@fanin/simulators/core';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Ids of the vendor's shapes, the same for the same seed. */
export class Ids {
  constructor(private readonly random: SeededRandom) {}

  digits(length: number): string {
    return this.random.digits(length);
  }

  hex(length: number): string {
    return this.random.hex(length);
  }

  /** Messenger: `m_` and 86 characters of base64url. */
  messengerMid(): string {
    return `m_${this.random.text(86, BASE64URL)}`;
  }

  /** Instagram: one long base64 word that starts as Meta's do. */
  instagramMid(): string {
    return `aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlE${this.random.text(104, BASE64URL)}ZD`;
  }

  /** WhatsApp: base64 of the number and a random part. */
  wamid(number: string, ours: boolean): string {
    const head = Buffer.from([0x1d, 0x05, number.length]);
    const middle = Buffer.from([0x15, 0x02, 0x00, ours ? 0x11 : 0x12, 0x18, 0x14]);
    const body = Buffer.concat([
      head,
      Buffer.from(number),
      middle,
      Buffer.from(this.hex(20).toUpperCase()),
      Buffer.from([0]),
    ]);
    return `wamid.${body.toString('base64')}`;
  }

  psid(): string {
    return `2${this.digits(16)}`;
  }

  igsid(): string {
    return `1${this.digits(15)}`;
  }

  igObject(): string {
    return `17${this.digits(15)}`;
  }

  trace(): string {
    return `A${this.random.text(22, BASE64URL)}`;
  }
}
