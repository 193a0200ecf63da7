/** localStorage where the browser lets us, memory where it does not (private windows, blocked storage). */
export class Storage {
  private readonly memory = new Map<string, string>();
  private readonly local: globalThis.Storage | undefined;

  constructor(private readonly prefix: string) {
    try {
      const probe = `${prefix}probe`;
      localStorage.setItem(probe, '1');
      localStorage.removeItem(probe);
      this.local = localStorage;
    } catch {
      this.local = undefined;
    }
  }

  get(name: string): string | null {
    return this.local?.getItem(this.prefix + name) ?? this.memory.get(name) ?? null;
  }

  set(name: string, value: string): void {
    try {
      if (this.local !== undefined) return this.local.setItem(this.prefix + name, value);
    } catch {
      // Full: this tab still knows it.
    }
    this.memory.set(name, value);
  }

  remove(name: string): void {
    this.local?.removeItem(this.prefix + name);
    this.memory.delete(name);
  }

  names(start: string): string[] {
    const names = new Set([...this.memory.keys()]);
    for (let index = 0; index < (this.local?.length ?? 0); index++) {
      const key = this.local?.key(index);
      if (key?.startsWith(this.prefix)) names.add(key.slice(this.prefix.length));
    }
    return [...names].filter((name) => name.startsWith(start));
  }

  /** Another tab changed something. */
  onChange(listener: () => void): () => void {
    const heard = (event: StorageEvent): void => {
      if (event.key === null || event.key.startsWith(this.prefix)) listener();
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }
}
