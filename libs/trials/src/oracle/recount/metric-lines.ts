import type { LogEvidence } from '../log-evidence.js';
import { ticketFigures, type Figures } from './ticket-figures.js';
import { WindowFigures } from './window-figures.js';

type Row = Readonly<Record<string, unknown>>;

/** Rows that people are shown. */
export interface ShownMetrics {
  readonly facts: readonly Row[];
  readonly windows: readonly Row[];
}

/**
 * What does not agree, a line each: facts and windows as shown, as the metric topics say, and as the events of the log come to
 * when they are counted by other code than made the rows. `ticketSeqs`: how many events each ticket says it has had.
 */
export function metricLines(
  ticketSeqs: ReadonlyMap<string, number>,
  log: Pick<LogEvidence, 'stories' | 'facts' | 'windows'>,
  shown: ShownMetrics,
): readonly string[] {
  return [...eventLines(ticketSeqs, log), ...factLines(log, shown.facts), ...windowLines(log, shown.windows)];
}

function eventLines(
  ticketSeqs: ReadonlyMap<string, number>,
  { stories }: Pick<LogEvidence, 'stories'>,
): readonly string[] {
  const unknown = [...stories.keys()]
    .filter((id) => !ticketSeqs.has(id))
    .map((id) => `there is no ticket ${id}, its events are on the log`);
  const missing = [...ticketSeqs].flatMap(([id, seq]) => {
    const told = stories.get(id)?.moments.at(-1)?.seq ?? 0;
    return told === seq ? [] : [`ticket ${id} has had ${seq} events, ${told} are on the log`];
  });
  return [...unknown, ...missing];
}

function factLines(
  { stories, facts: onTopic }: Pick<LogEvidence, 'stories' | 'facts'>,
  shown: readonly Row[],
): readonly string[] {
  const facts = new Map(shown.map((fact) => [String(fact['ticket_id']), fact]));
  const lines = facts.size === stories.size ? [] : [`${stories.size} tickets on the log, ${facts.size} facts shown`];
  for (const [id, story] of stories) {
    const fact = facts.get(id);
    if (fact === undefined) {
      lines.push(`ticket ${id} has no fact`);
      continue;
    }
    lines.push(...differences(`the fact of ticket ${id}`, fact, ticketFigures(story)));
    if (!isOnTopic(fact, onTopic.get(String(fact['row_id'])))) lines.push(`the fact of ${id} is not as on its topic`);
  }
  return lines;
}

function windowLines(
  { stories, windows: onTopic }: Pick<LogEvidence, 'stories' | 'windows'>,
  shown: readonly Row[],
): readonly string[] {
  const lines: string[] = [];
  const figures = new WindowFigures(stories.values());
  const seen = new Set<string>();
  for (const row of shown) {
    const id = String(row['row_id']);
    seen.add(id);
    lines.push(...differences(`the window ${id}`, row, figures.of(id)));
    if (!isOnTopic(row, onTopic.get(id))) lines.push(`the window ${id} is not as on its topic`);
  }
  for (const id of figures.rowIds()) if (!seen.has(id)) lines.push(`the window ${id} is not shown`);
  return lines;
}

function differences(what: string, row: Row, figures: Figures): readonly string[] {
  return Object.entries(figures).flatMap(([name, meant]) =>
    same(row[name], meant)
      ? []
      : [`${what}: ${name} is shown as ${String(row[name])}, the events give ${String(meant)}`],
  );
}

function isOnTopic(shown: Row, topic: Row | undefined): boolean {
  return topic !== undefined && isSameRow(topic, shown);
}

/** The views show what the others say, and some of it once more in other words. */
export function isSameRow(row: Row, shown: Row): boolean {
  return Object.keys(row).every((name) => same(row[name], shown[name]));
}

/** One as JSON from the log, the other from a row: a number is a number or its digits. */
function same(one: unknown, other: unknown): boolean {
  return String(one ?? null) === String(other ?? null);
}
