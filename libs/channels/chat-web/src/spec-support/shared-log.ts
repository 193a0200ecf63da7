import { FaninError, type Clock } from '@fanin/kernel';
import type { CapturedDelivery, ConversationEntry, ConversationLog } from '@fanin/connector-kit';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const never = (): Promise<never> => new Promise(() => undefined);

/**
 * What survives a kill of the server: transcripts and raw deliveries. A replica reaches it through its own `Replica`, whose
 * calls never return once it was killed, before or after they took effect, as when a process is gone.
 */
export class SharedLog {
  readonly transcripts = new Map<string, ConversationEntry[]>();
  readonly raw: CapturedDelivery[] = [];
  down = false;
  /** Longest random delay before and after each effect. */
  jitterMs = 0;
  private readonly listeners = new Set<(entry: ConversationEntry) => void>();

  constructor(private readonly clock: Clock) {}

  replica(): Replica {
    return new Replica(this);
  }

  listen(listener: (entry: ConversationEntry) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  keep(deliveries: readonly CapturedDelivery[]): readonly string[] {
    this.checkUp();
    return deliveries.map((delivery) => `delivery-${this.raw.push(delivery)}`);
  }

  append(
    conversationId: string,
    draft: Pick<ConversationEntry, 'direction' | 'entryId' | 'payload'>,
  ): { entry: ConversationEntry; duplicate: boolean } {
    this.checkUp();
    const all = this.transcripts.get(conversationId) ?? [];
    this.transcripts.set(conversationId, all);
    const known = all.find((entry) => entry.entryId === draft.entryId);
    if (known !== undefined) return { entry: known, duplicate: true };
    const entry = { ...draft, conversationId, seq: all.length + 1, at: this.clock.now() };
    all.push(entry);
    // News is only a hint: it comes twice.
    for (const listener of this.listeners) for (const delay of [0, 3]) setTimeout(() => listener(entry), delay);
    return { entry, duplicate: false };
  }

  read(conversationId: string, afterSeq: number, limit: number): readonly ConversationEntry[] {
    this.checkUp();
    return (this.transcripts.get(conversationId) ?? []).slice(afterSeq, afterSeq + limit);
  }

  private checkUp(): void {
    if (this.down) throw new FaninError('TRANSIENT', 'the log cannot be reached');
  }
}

export class Replica implements ConversationLog {
  private dead = false;

  constructor(private readonly shared: SharedLog) {}

  kill(): void {
    this.dead = true;
  }

  emit = (deliveries: readonly CapturedDelivery[]): Promise<readonly string[]> =>
    this.act(() => this.shared.keep(deliveries));

  append(
    conversationId: string,
    entry: Pick<ConversationEntry, 'direction' | 'entryId' | 'payload'>,
  ): Promise<{ readonly entry: ConversationEntry; readonly duplicate: boolean }> {
    return this.act(() => this.shared.append(conversationId, entry));
  }

  read(conversationId: string, afterSeq: number, limit: number): Promise<readonly ConversationEntry[]> {
    return this.act(() => this.shared.read(conversationId, afterSeq, limit));
  }

  onAppend(listener: (entry: ConversationEntry) => void): () => void {
    return this.shared.listen((entry) => {
      if (!this.dead) listener(entry);
    });
  }

  private async act<T>(effect: () => T): Promise<T> {
    await this.pause();
    const result = effect();
    await this.pause();
    return result;
  }

  private async pause(): Promise<void> {
    if (this.shared.jitterMs > 0) await wait(Math.random() * this.shared.jitterMs);
    if (this.dead) await never();
  }
}
