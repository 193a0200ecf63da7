import { randomFillSync } from 'node:crypto';
import type { Clock } from '@fanin/kernel';

const IDS_PER_FILL = 256;

/** UUIDs version 7 as the kernel makes them, with the random bytes of many fetched at once: a batch needs a thousand. */
export function createIdFactory(clock: Clock): () => string {
  const random = Buffer.alloc(10 * IDS_PER_FILL);
  let at = random.length;
  return () => {
    if (at === random.length) {
      randomFillSync(random);
      at = 0;
    }
    const time = clock.now().toString(16).padStart(12, '0');
    const variant = (0x8 | (random.readUInt8(at) & 0x3)).toString(16);
    const hex = random.toString('hex', at, at + 10);
    at += 10;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(1, 4)}-${variant}${hex.slice(5, 8)}-${hex.slice(8, 20)}`;
  };
}
