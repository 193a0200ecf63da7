export type LiveState = 'connecting' | 'live' | 'polling';

export interface LiveOptions {
  /** Called for every change; `ticketId` when the event names one. */
  readonly onChange: (ticketId: string | undefined) => void;
  readonly onState: (state: LiveState) => void;
}

/** Types of ticket events; `reset` says that changes were missed. */
const EVENT_NAMES = [
  'reset',
  'ticket.created',
  'message.added',
  'ticket.changed',
  'ticket.reopened',
  'message.delivery_changed',
  'task.added',
  'task.done',
  'task.reopened',
];
const POLL_MS = 15_000;
/** Accounts and fates change without a ticket event. */
const BACKSTOP_MS = 45_000;

/**
 * Follows the server's live changes. EventSource comes back by itself after a break, except when the server refuses the
 * stream; then it is opened anew with the next poll. While it is away, and for what it does not carry, changes are assumed
 * from time to time. Nothing is asked while the page is hidden; a page that is seen again asks at once.
 */
export function followChanges(options: LiveOptions): void {
  let source: EventSource | undefined;
  let lastAskedAt = performance.now();
  let state: LiveState = 'connecting';
  const become = (next: LiveState): void => {
    if (state === next) return;
    state = next;
    options.onState(next);
  };
  const ask = (): void => {
    lastAskedAt = performance.now();
    options.onChange(undefined);
  };
  const open = (): void => {
    source?.close();
    source = new EventSource('/api/v1/events');
    source.addEventListener('open', () => {
      // Whatever happened while the stream was away was missed.
      if (state === 'polling') ask();
      become('live');
    });
    source.addEventListener('error', () => become('polling'));
    for (const name of EVENT_NAMES)
      source.addEventListener(name, (event) => options.onChange(ticketIdOf((event as MessageEvent<unknown>).data)));
  };
  open();
  setInterval(() => {
    if (document.hidden) return;
    const age = performance.now() - lastAskedAt;
    if (age < (state === 'live' ? BACKSTOP_MS : POLL_MS)) return;
    if (source?.readyState === EventSource.CLOSED) open();
    ask();
  }, 1_000);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && performance.now() - lastAskedAt > 3_000) ask();
  });
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', (event) => event.persisted && open());
}

function ticketIdOf(data: unknown): string | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const change = JSON.parse(data) as { ticket_id?: unknown } | null;
    return typeof change?.ticket_id === 'string' ? change.ticket_id : undefined;
  } catch {
    return undefined;
  }
}

/** Runs `work` soon after a request, never twice at once and never more often than every `gapMs`. */
export function throttled(work: () => Promise<void>, gapMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let wanted = false;
  let lastAt = -Infinity;
  const run = async (): Promise<void> => {
    timer = undefined;
    running = true;
    wanted = false;
    lastAt = performance.now();
    try {
      await work();
    } finally {
      running = false;
      if (wanted) request();
    }
  };
  const request = (): void => {
    wanted = true;
    if (running || timer !== undefined) return;
    timer = setTimeout(() => void run(), Math.max(60, lastAt + gapMs - performance.now()));
  };
  return request;
}
