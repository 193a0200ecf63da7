/** A line of the to-do list: thrown by a check, its message says what to write and where. */
export class Demand extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'Demand';
    // The place in the suite helps nobody who writes a channel.
    this.stack = `Demand: ${what}`;
  }
}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Demand(what);
}

export function demandNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Demand(problems.join('\n'));
}
