export { LEDGER_PART } from './ledger-part.js';
export { LedgerModule } from './ledger.module.js';
