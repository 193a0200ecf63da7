import { createHash } from 'node:crypto';
import type { Answer, Door, DrivenMessage } from '../door.js';
import { HttpCalls } from './http-post.js';

export interface HookSpec {
  readonly account: string;
  /** Where requests go. */
  readonly url: string;
  /** The address as the vendor knows it: what Twilio signs. Default: `url`. */
  readonly publicUrl?: string;
}

/** The words of a vendor: headers, among them its proof, and the body. */
export interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const TEXT_BYTES = 120;

export const hexOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/** Digits that are the same for the same text, as ids of people and posts are. */
export const digitsOf = (text: string, digits: number): string =>
  (BigInt(`0x${hexOf(text, 32)}`) % 10n ** BigInt(digits)).toString().padStart(digits, '1');

export abstract class HookDoor<Spec extends HookSpec> implements Door {
  abstract readonly name: string;
  readonly account: string;
  readonly textBytes = TEXT_BYTES;
  private readonly calls = new HttpCalls();

  constructor(protected readonly spec: Spec) {
    this.account = spec.account;
  }

  abstract idOf(run: string, sequence: number): string;
  protected abstract sign(message: DrivenMessage): Signed;

  send(message: DrivenMessage): Promise<Answer> {
    return this.calls.answerTo({ method: 'POST', url: this.spec.url, ...this.sign(message) });
  }

  close(): Promise<void> {
    this.calls.close();
    return Promise.resolve();
  }
}
