/** A small generator of pseudo-random numbers (xorshift32): the same seed gives the same run on every machine. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, below);
  };
}

const ODD_VALUES: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1e21,
  true,
  [],
  {},
  [[]],
  '\u0000',
  '\ud83d\ude00\u202e',
  'x'.repeat(5000),
  '2026-99-99',
  { __proto__: null },
];

/** A body that a broken or hostile peer could have sent: the right one with something wrong in it. */
export function mutate(body: Buffer, random: (below: number) => number): Buffer {
  const json = parsed(body);
  if (json !== undefined && random(3) > 0) return Buffer.from(JSON.stringify(mutateJson(json, random)) ?? '', 'utf8');
  return mutateBytes(body, random);
}

function mutateBytes(body: Buffer, random: (below: number) => number): Buffer {
  const at = random(body.length);
  switch (random(6)) {
    case 0:
      return body.subarray(0, at);
    case 1:
      return body.subarray(at);
    case 2:
      return Buffer.concat([body.subarray(0, at), Buffer.from([0xff, 0xfe, 0x00, random(256)]), body.subarray(at)]);
    case 3:
      return Buffer.concat([body.subarray(0, at), body.subarray(random(body.length))]);
    case 4:
      return Buffer.from(Array.from({ length: random(64) }, () => random(256)));
    default: {
      const copy = Buffer.from(body);
      for (let flips = 1 + random(8); flips > 0 && copy.length > 0; flips--) copy[random(copy.length)] = random(256);
      return copy;
    }
  }
}

function parsed(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces or removes one value somewhere in the tree. */
function mutateJson(root: unknown, random: (below: number) => number): unknown {
  const copy = structuredClone(root);
  let holder = copy as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(holder);
    const key = keys[random(keys.length)];
    if (key === undefined) return ODD_VALUES[random(ODD_VALUES.length)];
    const value = holder[key];
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && random(4) > 0) {
      holder = value as Record<string, unknown>;
      continue;
    }
    if (random(3) === 0) delete holder[key];
    else holder[key] = ODD_VALUES[random(ODD_VALUES.length)];
    return copy;
  }
}
