import { type Comparison, type Cost, short, type WayResult } from './measure.ts';

const WIDTH = 720;
const LABEL_WIDTH = 110;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 16;
const ROW_HEIGHT = 24;
const GROUP_GAP = 12;
const BARS_WIDTH = WIDTH - LABEL_WIDTH - VALUE_WIDTH;

interface Bar {
  label: string;
  kind: 'ours' | 'floor' | 'beside';
  value: number;
  /** Each round's value, drawn as a dot. */
  rounds: number[];
}

function barsOf(
  { ours, floor, beside }: Comparison,
  label: string,
  read: (cost: Cost) => number | undefined,
): Bar[] {
  const bar = (kind: Bar['kind']) => (way: WayResult) => {
    const value = read(way);
    const rounds = way.rounds.flatMap((cost) => read(cost) ?? []);
    return value === undefined ? [] : [{ label: `${label}, ${kind}`, kind, value, rounds }];
  };
  return [bar('ours')(ours), bar('floor')(floor), ...beside.map(bar('beside'))].flat();
}

/** Bars of time and CPU for each way, as an SVG element; dots are the single rounds. */
export function comparisonChart(comparison: Comparison): string {
  const groups = [
    barsOf(comparison, 'time', (cost) => cost.time),
    barsOf(comparison, 'CPU', (cost) => cost.cpu),
  ].filter((bars) => bars.length > 0);
  const all = groups.flat();
  const most = Math.max(...all.flatMap((bar) => [bar.value, ...bar.rounds]));
  const x = (value: number) => (LABEL_WIDTH + (value / most) * BARS_WIDTH).toFixed(1);
  let y = 0;
  const drawn = groups.map((bars) => {
    const rows = bars.map((bar) => {
      const middle = y + BAR_HEIGHT / 2;
      const width = ((bar.value / most) * BARS_WIDTH).toFixed(1);
      const dots = bar.rounds.map(
        (value) => `<circle cx="${x(value)}" cy="${middle}" r="2.5" fill="currentColor"/>`,
      );
      const end = x(Math.max(bar.value, ...bar.rounds));
      const row = `<text x="0" y="${middle + 4}">${bar.label}</text>
<rect class="${bar.kind}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>
${dots.join('')}<text x="${Number(end) + 8}" y="${middle + 4}">${short(bar.value)}</text>`;
      y += ROW_HEIGHT;
      return row;
    });
    y += GROUP_GAP;
    return rows.join('\n');
  });
  const title = `${comparison.name}: bars of time and CPU, ${comparison.unit}`;
  return `<svg viewBox="0 0 ${WIDTH} ${y - GROUP_GAP}" role="img" aria-label="${title}">
${drawn.join('\n')}</svg>`;
}
