import { crashPointCases } from '../crash-points/crash-point-cases.js';
import type { OwnCase } from './case.js';

/** Trials that bring their own system: crash points, poison, … */
export const OWN_CASES: readonly OwnCase[] = [...crashPointCases];
