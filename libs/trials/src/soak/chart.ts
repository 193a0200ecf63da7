/** A panel of lines over the same seconds. */
export interface Panel {
  readonly title: string;
  readonly lines: Readonly<Record<string, readonly (readonly [seconds: number, value: number])[]>>;
}

export interface ChartOptions {
  readonly title: string;
  /** A line is drawn there: what is before it is warm-up. */
  readonly warmUpSeconds: number;
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, GAP] = [880, 150, 64, 26, 170, 30];
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b', '#17becf', '#7f7f7f', '#bcbd22'];
const FONT = 'font-family="system-ui, sans-serif" fill="#333"';

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Panels below each other as an SVG document. */
export function chartOf(panels: readonly Panel[], { title, warmUpSeconds }: ChartOptions): string {
  const ends = panels.flatMap(({ lines }) => Object.values(lines).map((points) => points.at(-1)?.[0] ?? 0));
  const until = Math.max(1, ...ends);
  const height = 40 + panels.length * (TOP + HEIGHT + GAP);
  const width = LEFT + WIDTH + RIGHT;
  const drawn = panels.map((panel, index) => {
    const y = 40 + index * (TOP + HEIGHT + GAP) + TOP;
    return `<g transform="translate(${LEFT},${y})">${drawPanel(panel, until, warmUpSeconds)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="22" font-size="15" font-weight="600" ${FONT}>${escape(title)}</text>
${drawn.join('\n')}
</svg>
`;
}

function drawPanel({ title, lines }: Panel, until: number, warmUpSeconds: number): string {
  const highest = Math.max(1e-9, ...Object.values(lines).flatMap((points) => points.map(([, value]) => value)));
  const top = niceCeiling(highest);
  const x = (seconds: number): string => ((seconds / until) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - (value / top) * HEIGHT).toFixed(1);
  const grid = [0, 0.5, 1].map(
    (share) =>
      `<line x1="0" x2="${WIDTH}" y1="${y(top * share)}" y2="${y(top * share)}" stroke="#ddd"/>` +
      `<text x="-8" y="${Number(y(top * share)) + 4}" text-anchor="end" font-size="11" ${FONT}>${label(top * share)}</text>`,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(until * share)}" y="${HEIGHT + 15}" text-anchor="middle" font-size="11" ${FONT}>${clock(until * share)}</text>`,
  );
  const paths = Object.entries(lines).map(([name, points], index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const path = points.map(([seconds, value]) => `${x(seconds)},${y(value)}`).join(' ');
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/>` +
      `<text x="${WIDTH + 10}" y="${12 + index * 15}" font-size="11" font-family="system-ui, sans-serif" fill="${colour}">${escape(name)}</text>`
    );
  });
  const warm = `<line x1="${x(warmUpSeconds)}" x2="${x(warmUpSeconds)}" y1="0" y2="${HEIGHT}" stroke="#999" stroke-dasharray="3 3"/>`;
  return `<text x="0" y="-8" font-size="12" ${FONT}>${escape(title)}</text>${grid.join('')}${ticks.join('')}${warm}${paths.join('')}`;
}

/** 1, 2 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function label(value: number): string {
  return value >= 1_000 ? `${(value / 1_000).toFixed(value >= 10_000 ? 0 : 1)}k` : String(Number(value.toPrecision(2)));
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
