/** Reproducible ids and secrets: mulberry32 (public domain) over a seed. Nothing here protects anything. */
export interface SeededRandom {
  /** 0 ≤ n < 1. */
  next(): number;
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string;
  hex(length: number): string;
  digits(length: number): string;
}

export function createRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const text = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
  return {
    next,
    text,
    hex: (length) => text(length, '0123456789abcdef'),
    digits: (length) => text(length, '0123456789'),
  };
}
