import type { FaultCase } from './case.js';
import { BROKER_CASES } from './cases/brokers.js';
import { CLOCK_CASES } from './cases/clock.js';
import { DATABASE_CASES } from './cases/database.js';
import { DISK_CASES } from './cases/disk.js';
import { LARGE_CASES } from './cases/large.js';
import { MAIL_CASES } from './cases/mail.js';
import { PROCESS_CASES } from './cases/processes.js';
import { VENDOR_CASES } from './cases/vendors.js';

/** In the order in which they run: those that share a system stand together. */
export const FAULT_CASES: readonly FaultCase[] = [
  ...PROCESS_CASES,
  ...DATABASE_CASES,
  ...VENDOR_CASES,
  ...MAIL_CASES,
  ...LARGE_CASES,
  ...DISK_CASES,
  ...CLOCK_CASES,
  ...BROKER_CASES,
];
