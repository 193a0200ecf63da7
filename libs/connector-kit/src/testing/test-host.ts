import { createSystemClock, FaninError, type Clock, type LogFields, type Logger, type Metrics } from '@fanin/kernel';
import type { ChannelHost, ConversationEntry, ConversationLog, HttpDoor } from '../ports.js';

/** A host for tests of a channel: everything in memory, everything said is kept. */
export interface TestHost extends ChannelHost {
  /** All that was logged, one JSON line each. */
  readonly logged: readonly string[];
  /** `name{labels}` of everything counted, observed or set. */
  readonly measured: readonly string[];
  readonly conversations: TestConversationLog;
  readonly http: TestHttpDoor;
}

export interface TestConversationLog extends ConversationLog {
  /** Makes `append` reject with TRANSIENT, as when the database is away. */
  breakDown(broken: boolean): void;
}

export interface TestHttpDoor extends HttpDoor {
  readonly upgrades: ReadonlyMap<string, Parameters<HttpDoor['onUpgrade']>[1]>;
  readonly gets: ReadonlyMap<string, Parameters<HttpDoor['onGet']>[1]>;
}

export interface TestHostOptions {
  readonly clock?: Clock;
  readonly publicUrl?: string;
  readonly outboxFolder?: string;
  readonly smtp?: ChannelHost['smtp'];
  readonly signingSecrets?: readonly string[];
}

export function createTestHost(options: TestHostOptions = {}): TestHost {
  const clock = options.clock ?? createSystemClock();
  const logged: string[] = [];
  const measured: string[] = [];
  const measure = (name: string, labels: object = {}): void => void measured.push(`${name}${JSON.stringify(labels)}`);
  const metrics: Metrics = { count: measure, gauge: measure, observe: measure };
  return {
    clock,
    logger: recordingLogger(logged, {}),
    metrics,
    http: createTestDoor(options.publicUrl ?? 'https://fanin.example'),
    conversations: createTestConversations(clock),
    rateLimiter: () => ({ take: () => Promise.resolve(), pause: () => undefined }),
    sealed: createTestSealed(),
    outboxFolder: options.outboxFolder,
    smtp: options.smtp ?? { host: '127.0.0.1', port: 0 },
    signingSecrets: options.signingSecrets ?? ['signing-secret-of-a-test-host'],
    logged,
    measured,
  };
}

function createTestSealed(): ChannelHost['sealed'] {
  const kept = new Map<string, string>();
  const last = new Map<string, Promise<unknown>>();
  return (accountId, name) => {
    const key = `${accountId}\n${name}`;
    return {
      read: () => Promise.resolve(kept.get(key) ?? null),
      update(change) {
        const changed = (last.get(key) ?? Promise.resolve()).then(async () => {
          const next = await change(kept.get(key) ?? null);
          kept.set(key, next);
          return next;
        });
        last.set(
          key,
          changed.catch(() => undefined),
        );
        return changed;
      },
    };
  };
}

function recordingLogger(lines: string[], bound: LogFields): Logger {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push(JSON.stringify({ level, message, ...bound, ...fields }, plainError));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLogger(lines, { ...bound, ...fields }),
  };
}

function plainError(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, cause: value.cause };
  return typeof value === 'bigint' ? value.toString() : value;
}

function createTestDoor(publicUrl: string): TestHttpDoor {
  const upgrades = new Map<string, Parameters<HttpDoor['onUpgrade']>[1]>();
  const gets = new Map<string, Parameters<HttpDoor['onGet']>[1]>();
  return {
    publicUrl,
    upgrades,
    gets,
    onUpgrade: (path, handler) => void upgrades.set(path, handler),
    onGet: (path, handler) => void gets.set(path, handler),
  };
}

function createTestConversations(clock: Clock): TestConversationLog {
  const entries = new Map<string, ConversationEntry[]>();
  const listeners = new Set<(entry: ConversationEntry) => void>();
  let broken = false;
  return {
    breakDown: (value) => void (broken = value),
    append(conversationId, draft) {
      if (broken) return Promise.reject(new FaninError('TRANSIENT', 'the conversation log cannot be reached'));
      const all = entries.get(conversationId) ?? [];
      entries.set(conversationId, all);
      const known = all.find((entry) => entry.entryId === draft.entryId);
      if (known !== undefined) return Promise.resolve({ entry: known, duplicate: true });
      const entry: ConversationEntry = { ...draft, conversationId, seq: all.length + 1, at: clock.now() };
      all.push(entry);
      for (const listener of listeners) queueMicrotask(() => listener(entry));
      return Promise.resolve({ entry, duplicate: false });
    },
    read: (conversationId, afterSeq, limit) =>
      Promise.resolve((entries.get(conversationId) ?? []).filter((entry) => entry.seq > afterSeq).slice(0, limit)),
    onAppend(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
