import type { DestinationStream } from 'pino';

const HEAD = new Set(['level', 'time', 'service', 'message']);

/** Turns pino's JSON lines into one line for people: time of day, level, message, then what varies. */
export function prettyDestination(sink: DestinationStream): DestinationStream {
  return {
    write(line: string): void {
      sink.write(prettyLine(JSON.parse(line) as Record<string, unknown>));
    },
  };
}

function prettyLine(entry: Record<string, unknown>): string {
  const time = String(entry['time']).slice(11, 19);
  const level = String(entry['level']).toUpperCase().padEnd(5);
  const fields = Object.entries(entry)
    .filter(([name]) => !HEAD.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  return `${[time, level, String(entry['message']), ...fields].join(' ')}\n`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, code, message, stack } = value as Record<string, unknown>;
  if (typeof message !== 'string') return JSON.stringify(value);
  // The first frame says where; the rest is in the JSON form.
  const at = code === undefined || typeof code === 'string' ? (Array.isArray(stack) ? stack[0] : undefined) : undefined;
  return JSON.stringify(`${String(code ?? name)}: ${message}${typeof at === 'string' ? ` (${at})` : ''}`);
}
