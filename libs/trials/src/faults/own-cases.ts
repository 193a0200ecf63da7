import { crashPointCases } from '../crash-points/crash-point-cases.js';
import { poisonCase, poisonControlsCase } from '../poison/poison-case.js';
import { reorderCase } from '../reorder/reorder-case.js';
import type { OwnCase } from './case.js';

/** Trials that bring a system of their own. */
export const OWN_CASES: readonly OwnCase[] = [...crashPointCases, poisonCase, poisonControlsCase, reorderCase];
