import type { MessageDraft, Normalised, ReceiptDraft, RejectedEntry } from '@fanin/connector-kit';
import { codeOf, messageOf } from '@fanin/kernel';
import { clean, cut } from './json.js';

/** What one update of a batch became. */
export interface Part {
  readonly messages?: readonly MessageDraft[];
  readonly receipts?: readonly ReceiptDraft[];
  readonly ignored?: { readonly rule: string; readonly evidence: string };
}

export function ignored(rule: string, evidence: string): Part {
  return { ignored: { rule, evidence: cut(clean(evidence), 200) } };
}

const MAX_EVIDENCE = 400;

/** Gathers the parts of a batch; an update that cannot be read is set aside and its neighbours go on. */
export class Collected {
  private readonly messages: MessageDraft[] = [];
  private readonly receipts: ReceiptDraft[] = [];
  private readonly rejected: RejectedEntry[] = [];
  private readonly passedOver = new Map<string, { count: number; readonly evidence: string }>();

  take(read: () => Part): void {
    try {
      const part = read();
      this.messages.push(...(part.messages ?? []));
      this.receipts.push(...(part.receipts ?? []));
      if (part.ignored !== undefined) this.ignore(part.ignored);
    } catch (error) {
      const at = this.messages.length + this.rejected.length;
      this.rejected.push({ at, code: codeOf(error), reason: cut(clean(messageOf(error)), MAX_EVIDENCE) });
    }
  }

  private ignore({ rule, evidence }: { readonly rule: string; readonly evidence: string }): void {
    const known = this.passedOver.get(rule);
    if (known === undefined) this.passedOver.set(rule, { count: 1, evidence });
    else known.count += 1;
  }

  normalised(): Normalised {
    const { messages, receipts, rejected } = this;
    if (messages.length + receipts.length + rejected.length + this.passedOver.size === 0)
      this.ignore({ rule: 'empty_batch', evidence: 'the delivery holds no update' });
    const said = this.said();
    return {
      messages,
      ...(receipts.length === 0 ? {} : { receipts }),
      ...(rejected.length === 0 ? {} : { rejected }),
      ...(said === undefined ? {} : { ignored: said }),
    };
  }

  /** One rule for the delivery: the most frequent; the evidence counts all. */
  private said(): Normalised['ignored'] {
    const [first, ...others] = [...this.passedOver].sort(([, a], [, b]) => b.count - a.count);
    if (first === undefined) return undefined;
    const [rule, { count, evidence }] = first;
    if (others.length === 0 && count === 1) return { rule, evidence };
    const counts = [first, ...others].map(([name, each]) => `${name} ${each.count}`).join(', ');
    return { rule, evidence: cut(`${counts}; first: ${evidence}`, MAX_EVIDENCE) };
  }
}
