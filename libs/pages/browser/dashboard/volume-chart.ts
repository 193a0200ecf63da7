import uPlot from 'uplot';
import { formatCount } from '../format/duration.js';
import { formatClock, formatDay } from '../format/time.js';
import { CHANNELS } from '../format/words.js';
import { h } from '../view/element.js';
import type { Volume } from './volume.js';

export interface VolumeChart {
  show(volume: Volume, grain: 'hour' | 'day'): void;
}

const HEIGHT = 232;

/** Stacked bars on a canvas. What it shows is also in the table beside it, for those who do not see or point. */
export function volumeChart(region: HTMLElement, pick: (windowMs: number) => void): VolumeChart {
  let plot: uPlot | undefined;
  let last: { readonly volume: Volume; readonly grain: 'hour' | 'day' } | undefined;
  const tip = h('div', { class: 'chart-tip', hidden: true });

  const draw = (): void => {
    if (last === undefined || region.clientWidth === 0) return;
    plot?.destroy();
    region.replaceChildren(tip);
    plot = new uPlot(optionsFor(region, tip, last.volume, last.grain), stacked(last.volume), region);
    plot.over.addEventListener('click', () => {
      const start =
        plot?.cursor.idx === null || plot?.cursor.idx === undefined ? undefined : last?.volume.windows[plot.cursor.idx];
      if (start !== undefined) pick(start);
    });
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => {
    if (plot !== undefined && Math.abs(plot.width - region.clientWidth) > 1)
      plot.setSize({ width: region.clientWidth, height: HEIGHT });
    else if (plot === undefined) draw();
  }).observe(region);
  return {
    show(volume, grain) {
      const same = JSON.stringify(last) === JSON.stringify({ volume, grain });
      last = { volume, grain };
      if (!same) draw();
    },
  };
}

/** uPlot draws series one over another: the whole stack first, then ever less of it. */
function stacked({ windows, series }: Volume): uPlot.AlignedData {
  const sums: number[][] = [];
  for (const { counts } of series) {
    const below = sums.at(-1);
    sums.push(counts.map((count, i) => count + (below?.[i] ?? 0)));
  }
  return [windows.map((_, i) => i), ...sums.reverse()];
}

function optionsFor(region: HTMLElement, tip: HTMLElement, volume: Volume, grain: 'hour' | 'day'): uPlot.Options {
  const style = getComputedStyle(region);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const narrow = region.clientWidth < 480;
  const every = Math.ceil(volume.windows.length / (narrow ? 5 : 10));
  const most = Math.max(
    4,
    ...volume.windows.map((_, i) => volume.series.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0)),
  );
  const bars = uPlot.paths.bars?.({ size: [0.72, 40, 1], radius: 0.12 });
  return {
    width: region.clientWidth,
    height: HEIGHT,
    padding: [12, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.6, volume.windows.length - 0.4] }, y: { range: [0, most * 1.05] } },
    axes: [
      {
        stroke: colour('--ink-2'),
        font,
        size: 30,
        gap: 8,
        grid: { show: false },
        ticks: { show: false },
        splits: () => volume.windows.map((_, i) => i).filter((i) => (volume.windows.length - 1 - i) % every === 0),
        values: (_plot, splits) => splits.map((i) => label(volume.windows[i], grain)),
      },
      {
        stroke: colour('--ink-2'),
        font,
        size: 38,
        gap: 8,
        grid: { stroke: colour('--line'), width: 1 },
        ticks: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000],
        values: (_plot, splits) => splits.map((value) => formatCount(value)),
      },
    ],
    series: [
      {},
      ...[...volume.series].reverse().map(({ channel }) => ({
        fill: colour(`--channel-${channel}`),
        width: 0,
        points: { show: false },
        ...(bars === undefined ? {} : { paths: bars }),
      })),
    ],
    hooks: { setCursor: [(plot) => showTip(plot, tip, volume, grain)] },
  };
}

function label(at: number | undefined, grain: 'hour' | 'day'): string {
  if (at === undefined) return '';
  return grain === 'hour' ? formatClock(at) : formatDay(at);
}

function showTip(plot: uPlot, tip: HTMLElement, { windows, series }: Volume, grain: 'hour' | 'day'): void {
  const { idx, left } = plot.cursor;
  const at = idx === null || idx === undefined ? undefined : windows[idx];
  tip.hidden = at === undefined || left === undefined || left < 0;
  if (tip.hidden || at === undefined || idx === null || idx === undefined) return;
  const parts = series.map(({ channel, counts }) => ({ channel, count: counts[idx] ?? 0 }));
  tip.replaceChildren(
    h('b', {}, grain === 'hour' ? `${formatClock(at)} – ${formatClock(at + 3_600_000)}` : `${formatDay(at)} (UTC)`),
    ...parts
      .reverse()
      .map(({ channel, count }) =>
        h(
          'span',
          {},
          h('span', { class: `swatch swatch-${channel}` }),
          CHANNELS[channel],
          h('span', { class: 'count' }, formatCount(count)),
        ),
      ),
  );
  const x = plot.valToPos(idx, 'x') + plot.over.offsetLeft;
  const right = x > plot.width / 2;
  tip.style.left = right ? 'auto' : `${x + 14}px`;
  tip.style.right = right ? `${plot.width - x + 14}px` : 'auto';
}
