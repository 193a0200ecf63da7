import { ACKNOWLEDGED, type Answer, type Door, type DrivenMessage } from '../drive/door.js';
import type { Vendors } from '../system/vendors.js';

/**
 * Customers of the vendors: a message is safe once the vendor has it, and it is our affair to come by it, by webhook, by the
 * vendor's repetition, or by its lists. Vendors promise no order, so each message is a conversation of its own.
 */
export class VendorCustomers implements Door {
  readonly textBytes = 80;
  private made = 0;

  constructor(
    readonly name: 'at-twilio' | 'at-x' | 'at-meta' | 'at-instagram' | 'at-whatsapp',
    readonly account: string,
    private readonly vendors: Vendors,
  ) {}

  idOf(run: string, sequence: number): string {
    return `${run}-${this.name}-${sequence}`;
  }

  send({ text }: DrivenMessage): Promise<Answer> {
    this.made += 1;
    const { twilio, x, meta } = this.vendors;
    if (this.name === 'at-twilio')
      twilio.simulator.inbound({ from: `+1305${String(2_000_000 + this.made)}`, body: text });
    else if (this.name === 'at-x') x.simulator.inbound({ kind: 'dm', from: { username: `faults_${this.made}` }, text });
    else if (this.name === 'at-whatsapp')
      meta.simulator.inbound({ channel: 'whatsapp', from: `1305${String(3_000_000 + this.made)}`, text });
    else {
      const channel = this.name === 'at-meta' ? 'messenger' : 'instagram_dm';
      meta.simulator.inbound({ channel, from: { name: `Faults ${this.made}` }, text });
    }
    return Promise.resolve(ACKNOWLEDGED);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
