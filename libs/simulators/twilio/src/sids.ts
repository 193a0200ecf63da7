import type { SeededRandom } from '@fanin/simulators/core';

/** Prefixes of Twilio's string identifiers, followed by 32 hexadecimal digits. */
export type SidPrefix = 'AC' | 'SK' | 'PN' | 'MG' | 'SM' | 'MM' | 'ME' | 'CA' | 'RE' | 'TR' | 'HX' | 'EV' | 'NO';

export const newSid = (random: SeededRandom, prefix: SidPrefix): string => prefix + random.hex(32);

/** The shape of a UUID, for the idempotency token of a webhook. */
export function newToken(random: SeededRandom): string {
  const hex = random.hex(32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
