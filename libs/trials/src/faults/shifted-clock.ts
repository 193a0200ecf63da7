/**
 * Loaded into one process by `NODE_OPTIONS=--import=…`: its wall clock stands wrong by FANIN_TRIAL_CLOCK_SHIFT_MS, as that of a
 * machine whose NTP is broken. Timers and the monotonic clock are as they were. Nothing of the product knows of it.
 */
const shiftMs = Number(process.env['FANIN_TRIAL_CLOCK_SHIFT_MS'] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shiftMs);
    else super(...(parts as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
