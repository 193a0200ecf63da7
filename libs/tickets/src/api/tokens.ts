/** Injection tokens of the ticket core's own providers. */
export const COMMAND_DEPENDENCIES = Symbol('CommandDependencies');
export const LIVE_HUB = Symbol('LiveHub');
export const INTAKE = Symbol('Intake');
export const RECEIPTS = Symbol('Receipts');
export const SEARCH_INDEXER = Symbol('SearchIndexer');
