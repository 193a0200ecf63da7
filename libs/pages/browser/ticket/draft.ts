export type DraftKind = 'reply' | 'note';

/** What is asked of the API; a draft that differs in any of it is another request. */
export interface DraftRequest {
  readonly text: string;
  readonly status?: string;
  readonly visibility?: string;
  readonly template?: {
    readonly id: string;
    readonly language?: string;
    readonly variables: Readonly<Record<string, string>>;
  };
}

interface Stored {
  readonly text: string;
  /** Of the last attempt to send, whose answer may have been lost. */
  readonly attempt?: { readonly key: string; readonly request: string };
}

/** The part of sessionStorage that is used. */
export interface DraftStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/**
 * What is typed but not sent, kept for this tab: a reload or a step back loses nothing. Each attempt to send carries an
 * Idempotency-Key that stays the same while the request is the same, so that a retry cannot send twice; a changed text is a
 * new request and gets a new key.
 */
export class Draft {
  private readonly name: string;

  constructor(
    private readonly storage: DraftStorage,
    ticketId: string,
    kind: DraftKind,
    private readonly newKey: () => string,
  ) {
    this.name = `fanin.draft.${ticketId}.${kind}`;
  }

  get text(): string {
    return this.read().text;
  }

  save(text: string): void {
    const { attempt } = this.read();
    if (text === '' && attempt === undefined) this.clear();
    else this.write({ text, ...(attempt === undefined ? {} : { attempt }) });
  }

  /** Called before each attempt. */
  keyFor(request: DraftRequest): string {
    const wanted = JSON.stringify(request);
    const { text, attempt } = this.read();
    if (attempt?.request === wanted) return attempt.key;
    const key = this.newKey();
    this.write({ text, attempt: { key, request: wanted } });
    return key;
  }

  /** It was sent. */
  clear(): void {
    this.storage.removeItem(this.name);
  }

  private read(): Stored {
    try {
      const stored = JSON.parse(this.storage.getItem(this.name) ?? '{}') as Partial<Stored>;
      return { text: '', ...stored };
    } catch {
      return { text: '' };
    }
  }

  private write(stored: Stored): void {
    try {
      this.storage.setItem(this.name, JSON.stringify(stored));
    } catch {
      // Full or refused by the browser's settings: the text is still in the page.
    }
  }
}
