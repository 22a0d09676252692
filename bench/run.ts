import os from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { messageOf, TagwireError } from '../lib/errors.ts';
import { closeHouses } from './house.ts';
import type { Comparison, Measure, Setting } from './measure.ts';
import { cachedPages } from './measures/cached-pages.ts';
import { firstPoll } from './measures/first-poll.ts';
import { alertMatching } from './measures/match-alerts.ts';
import { search } from './measures/search.ts';
import { unchangedPoll } from './measures/unchanged-poll.ts';
import { describeMachine, terminalTable, writeReport } from './report.ts';

const MEASURES: Measure[] = [firstPoll, unchangedPoll, cachedPages, search, alertMatching];

interface Options extends Setting {
  only?: string[];
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

const names = MEASURES.map(({ name }) => name);
const program = new Command('bench')
  .description('measure Tagwire beside the least that can be done for the same result')
  .addOption(new Option('--only <name...>', 'only these measures').choices(names))
  .option('--feeds <number>', 'feeds to poll, 15 posts each', positive, 120)
  .option('--posts <number>', 'posts behind pages and search', positive, 2000)
  .option('--alerts <number>', 'alerts to match', positive, 20_000)
  .option('--rounds <number>', 'turns of each way', positive, 7)
  .addHelpText(
    'after',
    `
Measures:
${MEASURES.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')}

Starts servers of its own and stops them. A table goes to standard output; the report with charts
is bench/report/index.html, and its numbers are in bench/report/results.json. With the defaults it
takes under five minutes on two processors.

Examples:
  $ npm run bench
  $ npm run bench -- --only search --posts 10000
  $ npm run bench -- --only first-poll unchanged-poll --feeds 500`,
  );

let isStopping = false;

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs the measures one after the other. @throws what a measure throws. */
async function runMeasures(wanted: Measure[], setting: Setting): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const measure of wanted) {
    const started = Date.now();
    say(`── ${measure.name}: ${measure.about}`);
    comparisons.push(...(await measure.run(setting, (text) => say(`   ${text}`))));
    say(`── ${measure.name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return comparisons;
}

async function main(): Promise<void> {
  const { only, ...setting } = program.parse().opts<Options>();
  const started = Date.now();
  const loadBefore = os.loadavg()[0] ?? 0;
  const wanted = MEASURES.filter(({ name }) => only?.includes(name) ?? true);
  const comparisons = await runMeasures(wanted, setting);
  const file = writeReport({
    at: new Date(started).toISOString(),
    machine: describeMachine(),
    loadBefore,
    setting,
    seconds: Math.round((Date.now() - started) / 1000),
    comparisons,
  });
  console.log(terminalTable(comparisons));
  console.log(`\nThe report is in ${file}`);
}

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(name, () => {
    if (isStopping) return; // Ctrl-C comes from the terminal, and again from whoever started us
    isStopping = true;
    say('stopping');
    void closeHouses().finally(() => process.exit(code));
  });
}
try {
  await main();
} catch (error) {
  say(`bench: ${messageOf(error)}`);
  if (error instanceof TagwireError && error.next) say(`  ${error.next}`);
  else if (error instanceof Error) say(error.stack ?? '');
  process.exitCode = 1;
}
