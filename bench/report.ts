import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../lib/config.ts';
import { comparisonChart } from './chart.ts';
import { type Comparison, type Ratio, type Setting, short } from './measure.ts';

const FOLDER = path.join(ROOT, 'bench/report');

export interface Results {
  at: string;
  machine: { cpu: string; processors: number; memoryGb: number; node: string };
  /** Load of the machine over the last minute when it began (os.loadavg). */
  loadBefore: number;
  setting: Setting;
  seconds: number;
  comparisons: Comparison[];
}

/** What the machine is, for whoever reads the numbers elsewhere. */
export const describeMachine = (): Results['machine'] => ({
  cpu: os.cpus()[0]?.model ?? 'unknown',
  processors: os.availableParallelism(),
  memoryGb: Math.round(os.totalmem() / 1024 ** 3),
  node: process.version,
});

/** The ratio with the middle half of its rounds: "1.24 (1.20–1.31)". */
export function showRatio(ratio: Ratio | undefined): string {
  if (ratio === undefined) return '–';
  return `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})`;
}

/** A short table for the terminal. */
export function terminalTable(comparisons: Comparison[]): string {
  const head = ['measure', 'ours', 'floor', '', 'ratio of time', 'ratio of CPU'];
  const rows = comparisons.map(({ name, unit, ours, floor, ratio, cpuRatio }) => [
    name,
    short(ours.time),
    short(floor.time),
    unit,
    showRatio(ratio),
    showRatio(cpuRatio),
  ]);
  const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => row[n]?.length ?? 0)));
  const isNumber = (column: number) => column === 1 || column === 2;
  const line = (row: string[]) =>
    row
      .map((cell, n) => (isNumber(n) ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

const escaped = (text: string) =>
  text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');

function comparisonSection(comparison: Comparison): string {
  const { name, work, unit, ours, floor, beside, ratio, cpuRatio, notes } = comparison;
  const rows = [ours, floor, ...beside].map((way, n) => {
    const cells = [way.time, way.cpu ?? Number.NaN].map((value) => `<td>${short(value)}</td>`);
    const kind = ['ours', 'floor'][n] ?? 'beside';
    return `<tr><th scope="row">${kind}</th><td>${escaped(way.name)}</td>${cells.join('')}</tr>`;
  });
  return `<section>
<h2>${escaped(name)}</h2>
<p><b>${showRatio(ratio)}</b> times the floor in time, <b>${showRatio(cpuRatio)}</b> in CPU.
${escaped(work)}.</p>
${comparisonChart(comparison)}
<table><thead><tr><th></th><th>way</th><th>time, ${unit}</th><th>CPU, ${unit}</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>
${notes.map((note) => `<p class="note">${escaped(note)}</p>`).join('\n')}
</section>`;
}

const STYLE = `
:root { color-scheme: light dark; --ours: #0b6e75; --floor: #8a8f98; --beside: #c3c7cd; }
@media (prefers-color-scheme: dark) { :root { --ours: #4fb9c1; --floor: #8a8f98; --beside: #555a63; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .75rem 0; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
td:nth-child(n + 3), th:nth-child(n + 3) { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; } svg text { font: 13px system-ui, sans-serif; fill: currentColor; }
.note { opacity: .8; font-size: .9rem; margin: .25rem 0; } section { margin-top: 2.5rem; }
.ours { fill: var(--ours); } .floor { fill: var(--floor); } .beside { fill: var(--beside); }`;

function page(results: Results): string {
  const { machine, setting, comparisons } = results;
  const sizes = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tagwire, measured</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<h1>Tagwire, measured</h1>
<p>Each measure beside its floor: the least that can be done for the same result, in the same run,
in turns. Times differ from machine to machine and hour to hour; the ratios are what counts. In
brackets is the middle half of the rounds. Less is better everywhere.</p>
<p class="note">${results.at}, ${results.seconds} s. ${escaped(machine.cpu)}, ${machine.processors}
processors, ${machine.memoryGb} GB, Node ${machine.node}; load before ${short(results.loadBefore)}.
${sizes.join(', ')}.</p>
${comparisons.map(comparisonSection).join('\n')}
</body></html>
`;
}

/** Writes results.json and index.html. @returns the page's path. */
export function writeReport(results: Results): string {
  fs.mkdirSync(FOLDER, { recursive: true });
  const json = `${JSON.stringify(results, null, 2)}\n`;
  fs.writeFileSync(path.join(FOLDER, 'results.json'), json);
  const file = path.join(FOLDER, 'index.html');
  fs.writeFileSync(file, page(results));
  return path.relative(process.cwd(), file);
}
