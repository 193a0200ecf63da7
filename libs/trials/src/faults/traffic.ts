import type { Door } from '../drive/door.js';
import type { Heard } from '../drive/doors/chat-line.js';
import { ChatDoor } from '../drive/doors/chat.js';
import { DESK_TURNS } from '../drive/doors/desk.js';
import { Driver, type DriveReport } from '../drive/driver.js';
import { Histogram } from '../drive/histogram.js';
import { DOOR_NAMES, doorOf, isAgent, type DoorName } from '../drive/doors-of.js';
import { openDoor } from '../drive/open-door.js';
import type { Recorder } from '../oracle/recorder.js';
import type { SystemUnderTest } from '../system/system.js';
import { FINAL, PersistentDoor } from './persistent-door.js';
import type { Random } from './random.js';
import { AT_VENDORS, isAtVendor, VendorCustomers, type AtVendor } from './vendor-customers.js';

export type Stream = DoorName | AtVendor;
export const STREAMS: readonly Stream[] = [...DOOR_NAMES, ...AT_VENDORS];

export interface TrafficOptions {
  readonly system: SystemUnderTest;
  readonly recorder: Recorder;
  readonly random: Random;
  /** Told in ids: no two on one system may share it. */
  readonly run: string;
  /** Default: all that the system has. */
  readonly streams?: readonly Stream[];
  /** Each message of these is a conversation of its own. */
  readonly unordered?: readonly Stream[];
  /** Other than the system's own, e.g. of a second replica or of a line that can be cut. */
  readonly smtpPort?: number;
  /** Senders and pauses are multiplied by it; default 1. */
  readonly pace?: number;
  /** Share of acknowledged messages that come again; default: each stream's own. */
  readonly repeat?: number;
}

interface Shape {
  readonly senders: number;
  readonly thinkMs: number;
  readonly repeat: number;
  /** Messages of a conversation. */
  readonly turns: number;
}

const TALK: Shape = { senders: 3, thinkMs: 250, repeat: 0.05, turns: 6 };
const ANSWERS: Shape = { ...TALK, senders: 1, thinkMs: 1_500, turns: 1 };
const SHAPES: Partial<Record<Stream, Shape>> = {
  smtp: { ...TALK, senders: 4 },
  imap: { ...TALK, senders: 1, thinkMs: 1_000, repeat: 0, turns: 3 },
  'at-twilio': { ...TALK, senders: 1, thinkMs: 800, repeat: 0, turns: 1 },
  'at-x': { ...TALK, senders: 1, thinkMs: 1_500, repeat: 0, turns: 1 },
  'at-meta': { ...TALK, senders: 1, thinkMs: 1_000, repeat: 0, turns: 1 },
  'at-instagram': { ...TALK, senders: 1, thinkMs: 1_500, repeat: 0, turns: 1 },
  'at-whatsapp': { ...TALK, senders: 1, thinkMs: 1_500, repeat: 0, turns: 1 },
  instagram: { ...TALK, senders: 1 },
  whatsapp: { ...TALK, senders: 1 },
  comments: { ...TALK, senders: 1 },
  voice: { ...TALK, senders: 1, turns: 2 },
  telegram: { ...TALK, senders: 1 },
  'replies-email': { ...TALK, senders: 1, thinkMs: 1_000, turns: 1 },
  'replies-chat': ANSWERS,
  'replies-phone': ANSWERS,
  'replies-messenger': ANSWERS,
  'replies-instagram': ANSWERS,
  'replies-whatsapp': ANSWERS,
  'replies-x': ANSWERS,
  desk: { ...TALK, senders: 1, thinkMs: 600, turns: DESK_TURNS },
};

const GIVE_UP_MS = 45_000;

interface Driven {
  readonly driver: Driver;
  readonly senders: number;
  readonly rude: ReadonlyMap<string, number>;
}

/** Everybody who writes to the shop and answers for it, at every door at once, gently: two cores carry all of it. */
export class Traffic {
  /** How long refusals took. */
  readonly refusals = new Histogram();
  /** How long senders waited for an answer that never came. */
  readonly unanswered = new Histogram();
  private readonly waiting = new Set<{ readonly sinceMs: number }>();
  private readonly drivers = new Map<Stream, Driven>();
  private readonly givingUp = new AbortController();
  private readonly pace: number;
  private chat: ChatDoor | undefined;

  constructor(private readonly options: TrafficOptions) {
    this.pace = options.pace ?? 1;
    for (const stream of options.streams ?? STREAMS) {
      const door = this.open(stream);
      if (door === undefined) continue;
      const { senders, thinkMs, repeat, turns: usual } = SHAPES[stream] ?? TALK;
      const turns = options.unordered?.includes(stream) === true ? 1 : usual;
      const { random, recorder: oracle, run } = options;
      const persistence = {
        thinkMs: thinkMs / this.pace,
        repeat: options.repeat ?? repeat,
        random,
        giveUp: this.givingUp.signal,
      };
      const rude = new Map<string, number>();
      const persistent = new PersistentDoor(door, {
        ...persistence,
        rude,
        refusals: this.refusals,
        unanswered: this.unanswered,
        open: this.waiting,
      });
      const driver = new Driver({ door: persistent, oracle, conversations: senders, turns, run: `${run}-${stream}` });
      this.drivers.set(stream, { driver, senders, rude });
      driver.start({ concurrency: senders });
    }
  }

  /** No more messages; what is under way is tried for a while, then given up. Answers what is odd about whom, a line each. */
  async stop(): Promise<readonly string[]> {
    const timer = setTimeout(() => this.givingUp.abort(), GIVE_UP_MS);
    const all = [...this.drivers];
    const reports = await Promise.all(
      all.map(async ([stream, { driver, rude }]) => ({ stream, rude, report: await driver.stop() })),
    );
    clearTimeout(timer);
    await Promise.all(all.map(([, { driver }]) => driver.door.close()));
    return [
      ...reports.flatMap(({ stream, report }) => oddities(stream, report)),
      ...reports.flatMap(({ stream, rude }) => [...rude].map(([how, count]) => `${stream}: ${count} times ${how}`)),
      ...idleAgents(reports),
    ];
  }

  /** What visitors were shown in their chats, behind `stop`: at rest, and when all services are there. */
  async heard(): Promise<readonly Heard[]> {
    return (await this.chat?.heard()) ?? [];
  }

  /** Nothing more of one stream until `resume`; resolves when what was under way is answered. */
  async pause(stream: Stream): Promise<void> {
    await this.drivers.get(stream)?.driver.stop();
  }

  resume(stream: Stream): void {
    const paused = this.drivers.get(stream);
    paused?.driver.start({ concurrency: paused.senders });
  }

  /** How long whoever waits longest for an answer has waited by now, ms. */
  get longestWaitMs(): number {
    return Math.max(0, ...[...this.waiting].map(({ sinceMs }) => performance.now() - sinceMs));
  }

  get refused(): number {
    return this.refusals.count;
  }

  private open(stream: Stream): Door | undefined {
    if (isAtVendor(stream)) return new VendorCustomers(stream, this.options.system.vendors);
    const { system, smtpPort } = this.options;
    const spec = doorOf(system, stream, smtpPort === undefined ? {} : { smtpPort });
    if (spec?.kind === 'chat') return (this.chat = new ChatDoor({ ...spec, remembers: true }));
    return spec === undefined ? undefined : openDoor(spec);
  }
}

/** A customer of whom nothing is taken proves nothing, and what is genuine is not turned away for good. Agents may find no ticket yet. */
function oddities(stream: Stream, { sent, acknowledged, refused }: DriveReport): readonly string[] {
  if (isAgent(stream)) return [];
  const away = Object.entries(refused).flatMap(([how, count]) =>
    FINAL.test(how) ? [`${stream}: ${count} turned away with ${how}`] : [],
  );
  return sent > 0 && acknowledged === 0 ? [...away, `${stream}: nothing was acknowledged`] : away;
}

/** One of them may find no ticket yet, not all of them for a whole run. */
function idleAgents(reports: readonly { readonly stream: Stream; readonly report: DriveReport }[]): readonly string[] {
  const agents = reports.filter(({ stream, report }) => isAgent(stream) && report.sent > 0);
  return agents.length > 0 && agents.every(({ report }) => report.acknowledged === 0)
    ? ['agents: nothing was acknowledged']
    : [];
}
