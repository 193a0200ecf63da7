import { messageOf, type Clock } from '@fanin/kernel';

/** undefined when all is well, else why not, for people. */
export type ReadinessCheck = () => Promise<string | undefined> | string | undefined;

export interface ReadinessReport {
  readonly ready: boolean;
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** What must hold before traffic may come. Parts add their checks while the service starts; none may take longer than 2 s. */
export interface Readiness {
  add(name: string, check: ReadinessCheck): void;
  report(): Promise<ReadinessReport>;
}

const CHECK_TIMEOUT_MS = 2_000;

export function createReadiness(clock: Clock): Readiness {
  const checks = new Map<string, ReadinessCheck>();

  async function run(name: string, check: ReadinessCheck): Promise<{ name: string; reason: string | undefined }> {
    const late = new AbortController();
    try {
      const answer = Promise.resolve(check());
      const timeout = clock.sleep(CHECK_TIMEOUT_MS, late.signal).then(() => 'does not answer');
      return { name, reason: await Promise.race([answer, timeout]) };
    } catch (error) {
      return { name, reason: messageOf(error) };
    } finally {
      late.abort();
    }
  }

  return {
    add: (name, check) => void checks.set(name, check),
    async report() {
      const results = await Promise.all([...checks].map(([name, check]) => run(name, check)));
      const missing = results.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));
      return { ready: missing.length === 0, missing };
    },
  };
}

/** Injection token of the readiness checks. */
export const READINESS = Symbol('Readiness');
