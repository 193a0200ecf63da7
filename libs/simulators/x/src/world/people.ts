import { ControlError } from '@fanin/simulators/core';
import type { SimulatorClock } from '@fanin/simulators/core';
import type { Snowflakes } from './ids.js';

export interface Person {
  id: string;
  username: string;
  name: string;
  createdAtMs: number;
  /** One of ours: an account that an app is authorised for. */
  account: boolean;
  /** May write longer posts than 280. */
  premium: boolean;
}

export type PersonSeed = Pick<Person, 'username'> & Partial<Person>;

/** How a control call names somebody: a username, an id, or the particulars of somebody new. */
export type Who = string | { id?: string; username: string; name?: string };

const USERNAME = /^[A-Za-z0-9_]{1,15}$/;
const TWO_YEARS_MS = 2 * 365 * 86_400_000;

export class People {
  private readonly byIds = new Map<string, Person>();
  private readonly byNames = new Map<string, Person>();

  constructor(
    private readonly clock: SimulatorClock,
    private readonly ids: Snowflakes,
  ) {}

  byId(id: string): Person | undefined {
    return this.byIds.get(id);
  }

  byUsername(username: string): Person | undefined {
    return this.byNames.get(username.toLowerCase());
  }

  accounts(): Person[] {
    return [...this.byIds.values()].filter((person) => person.account);
  }

  add(seed: PersonSeed): Person {
    if (!USERNAME.test(seed.username)) {
      throw new ControlError(`"${seed.username}" is no username: up to 15 letters, digits and underscores, without @`);
    }
    const createdAtMs = seed.createdAtMs ?? this.clock.now() - TWO_YEARS_MS;
    const person: Person = {
      account: false,
      premium: false,
      name: seed.username,
      ...seed,
      createdAtMs,
      id: seed.id ?? this.ids.at(createdAtMs),
    };
    this.byIds.set(person.id, person);
    this.byNames.set(person.username.toLowerCase(), person);
    return person;
  }

  /** Somebody known, or somebody made now. */
  meet(who: unknown, what: string): Person {
    if (typeof who === 'string') {
      const username = who.replace(/^@/, '');
      return this.byId(who) ?? this.byUsername(username) ?? this.add({ username });
    }
    if (typeof who === 'object' && who !== null && typeof (who as { username?: unknown }).username === 'string') {
      const { username, id, name } = who as Exclude<Who, string>;
      return (
        this.byUsername(username) ??
        this.add({ username, ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) })
      );
    }
    throw new ControlError(`"${what}" must be a username or {"username":"…","name":"…"}`);
  }

  /** One of our accounts; the first one when nobody is named. */
  account(who: unknown): Person {
    const accounts = this.accounts();
    const wanted = typeof who === 'string' ? who.replace(/^@/, '').toLowerCase() : who;
    const found =
      who === undefined
        ? accounts[0]
        : accounts.find((person) => person.id === wanted || person.username.toLowerCase() === wanted);
    if (found !== undefined) return found;
    throw new ControlError(`no account ${String(who)}; there are ${accounts.map((one) => one.username).join(', ')}`);
  }

  forgetCustomers(): void {
    for (const person of [...this.byIds.values()]) {
      if (person.account) continue;
      this.byIds.delete(person.id);
      this.byNames.delete(person.username.toLowerCase());
    }
  }
}
