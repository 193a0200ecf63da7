import { WINDOW_BUCKETS_SECONDS, WINDOW_DURATIONS } from '@fanin/contracts';
import type { Moment, Story } from './story.js';
import { chaptersOf, isBacklog, secondsFrom, type Figures } from './ticket-figures.js';

const HOUR_MS = 3_600_000;
const LENGTHS = { hour: HOUR_MS, day: 24 * HOUR_MS };
/** After its end a window takes nothing more. */
const GRACE_MS = 7 * 24 * HOUR_MS;
const COUNTS = ['created', 'inbound', 'public_reply', 'solved', 'reopened', 'closed'] as const;

type Kind = (typeof COUNTS)[number] | (typeof WINDOW_DURATIONS)[number];

/** Something that counts in the windows of its own time. */
interface Counted {
  readonly kind: Kind;
  readonly moment: Moment;
  /** Of a duration. */
  readonly seconds: number;
}

/** Everything that one window holds. */
interface Contents {
  readonly counted: Counted[];
  late: number;
}

/** A ticket that came into the backlog of a slice in an hour, or left it. */
interface Step {
  readonly hour: number;
  readonly by: 1 | -1;
}

const floor = (at: number, length: number): number => at - (at % length);

/** What the windows must hold, by their row ids on the topic. */
export class WindowFigures {
  private readonly windows = new Map<string, Contents>();
  private readonly backlog = new Map<string, Step[]>();

  constructor(stories: Iterable<Story>) {
    for (const story of stories) {
      this.count(story);
      this.follow(story);
    }
  }

  /** Windows in which something happened or a backlog moved. */
  rowIds(): Iterable<string> {
    return this.windows.keys();
  }

  /** Of any window, also of one in which nothing happened. */
  of(rowId: string): Figures {
    const [tenant = '', grain = '', start = '', ...slice] = rowId.split('|');
    const end = Number(start) + LENGTHS[grain as keyof typeof LENGTHS];
    const steps = this.backlog.get([tenant, ...slice].join('|')) ?? [];
    const standing = steps.reduce((sum, { hour, by }) => (hour < end ? sum + by : sum), 0);
    const { counted, late } = this.windows.get(rowId) ?? { counted: [], late: 0 };
    const figures: Record<string, number | null> = {
      backlog_count: Math.max(0, standing),
      late_dropped_count: late,
    };
    for (const kind of COUNTS) figures[`${kind}_count`] = counted.filter((one) => one.kind === kind).length;
    for (const kind of WINDOW_DURATIONS) {
      const lengths = counted.filter((one) => one.kind === kind).map(({ seconds }) => seconds);
      Object.assign(figures, durationFigures(kind, lengths));
    }
    return figures;
  }

  private count(story: Story): void {
    for (const counted of countedIn(story)) {
      const { at, recordedAt } = counted.moment;
      const isLate = recordedAt > floor(at, HOUR_MS) + HOUR_MS + GRACE_MS;
      for (const [grain, length] of Object.entries(LENGTHS)) {
        const { channel, team, priority } = sliceOf(story, counted.moment);
        const contents = this.window(story.tenant, grain, floor(at, length), [channel, team, priority].join('|'));
        if (isLate) contents.late += 1;
        else contents.counted.push(counted);
      }
    }
  }

  private follow(story: Story): void {
    let stands: string | null = null;
    for (const moment of story.moments) {
      const { channel, team, priority } = sliceOf(story, moment);
      const now = isBacklog(moment.status) ? [channel, team, priority].join('|') : null;
      if (now === stands) continue;
      const hour = floor(moment.at, HOUR_MS);
      if (stands !== null) this.step(story.tenant, stands, moment.at, { hour, by: -1 });
      if (now !== null) this.step(story.tenant, now, moment.at, { hour, by: 1 });
      stands = now;
    }
  }

  /** The windows in which a backlog moves are shown, also when nothing else happens in them. */
  private step(tenant: string, slice: string, at: number, step: Step): void {
    const key = `${tenant}|${slice}`;
    const steps = this.backlog.get(key);
    if (steps === undefined) this.backlog.set(key, [step]);
    else steps.push(step);
    for (const [grain, length] of Object.entries(LENGTHS)) this.window(tenant, grain, floor(at, length), slice);
  }

  private window(tenant: string, grain: string, start: number, slice: string): Contents {
    const rowId = [tenant, grain, start, slice].join('|');
    const contents = this.windows.get(rowId) ?? { counted: [], late: 0 };
    this.windows.set(rowId, contents);
    return contents;
  }
}

function sliceOf({ channel }: Story, { team, priority }: Moment): { channel: string; team: string; priority: string } {
  return { channel, team: team ?? '', priority };
}

function countedIn(story: Story): readonly Counted[] {
  const { createdAt, moments } = story;
  const { inbound, replies, firstAnswer, nextAnswers, solved, solvedForGood, reopened, closed } = chaptersOf(story);
  const each = (kind: Kind, them: readonly Moment[], seconds = (_: Moment): number => 0): Counted[] =>
    them.map((moment) => ({ kind, moment, seconds: seconds(moment) }));
  const untilThen = ({ at }: Moment): number => secondsFrom(createdAt, at);
  return [
    ...each(
      'created',
      moments.filter(({ creates }) => creates),
    ),
    ...each('inbound', inbound),
    ...each('public_reply', replies),
    ...each('solved', solved),
    ...each('reopened', reopened),
    ...each('closed', closed),
    ...each('first_resolution', solved.slice(0, 1), untilThen),
    ...each('full_resolution', solvedForGood, untilThen),
    ...[firstAnswer ?? []].flat().map((answer) => waited('first_reply', answer)),
    ...nextAnswers.map((answer) => waited('next_reply', answer)),
  ];
}

function waited(kind: Kind, { reply, waitedMs }: { reply: Moment; waitedMs: number }): Counted {
  return { kind, moment: reply, seconds: Math.floor(waitedMs / 1000) };
}

function durationFigures(kind: string, lengths: readonly number[]): Record<string, number | null> {
  const sorted = lengths.toSorted((a, b) => a - b);
  const n = sorted.length;
  // The smallest value that so much of all is not above.
  const quantile = (part: number): number | null => sorted[Math.ceil(part * n) - 1] ?? null;
  return {
    [`${kind}_count`]: n,
    [`${kind}_seconds_sum`]: n === 0 ? null : sorted.reduce((sum, one) => sum + one, 0),
    [`${kind}_seconds_min`]: sorted[0] ?? null,
    [`${kind}_seconds_max`]: sorted.at(-1) ?? null,
    [`${kind}_seconds_p50`]: quantile(0.5),
    [`${kind}_seconds_p90`]: quantile(0.9),
    ...Object.fromEntries(
      WINDOW_BUCKETS_SECONDS.map((bound) => [`${kind}_le_${bound}`, sorted.filter((one) => one <= bound).length]),
    ),
  };
}
