import type { ErrorCode } from '@fanin/kernel';

/**
 * What became of one record. Every expected outcome is a value; see `createSettler` for what a throw means.
 * - `ok`: done, its effects are durable.
 * - `drop`: rightly without effect; the reason is a name out of a closed set (it becomes a metric label).
 * - `retry`: this record may succeed later (its own trouble, not the environment's); tried again a bounded number of
 *   times, then dead-lettered. Later records of the partition wait when handled one by one; a batch handler that answers
 *   `retry` must answer it for the later records of the same key too, where order matters to it.
 * - `dead_letter`: will never succeed as it is; a person looks at it.
 */
export type HandlerResult =
  | { readonly outcome: 'ok' }
  | { readonly outcome: 'drop'; readonly reason: string }
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly reason: string }
  | { readonly outcome: 'dead_letter'; readonly code: ErrorCode; readonly reason: string };

const OK: HandlerResult = { outcome: 'ok' };

export function handled(): HandlerResult {
  return OK;
}

export function dropped(reason: string): HandlerResult {
  return { outcome: 'drop', reason };
}

export function retryLater(afterMs: number, reason: string): HandlerResult {
  return { outcome: 'retry', afterMs, reason };
}

export function deadLettered(code: ErrorCode, reason: string): HandlerResult {
  return { outcome: 'dead_letter', code, reason };
}
