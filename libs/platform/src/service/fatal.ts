/**
 * Called by a part of a service for what only a restart of the process mends (a consumer died of a bug): whoever provides
 * it marks the service not ready and lets the process leave. May be called more than once.
 */
export type Fatal = (error: unknown) => void;

/** Injection token; optional where nobody waits for it (tests of a part alone). */
export const FATAL = Symbol('Fatal');
