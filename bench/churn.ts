import { Command, InvalidArgumentError } from 'commander';
import { runChurn } from './churn/run-churn.ts';
import { withHouse } from './house.ts';
import { quantile } from './measure.ts';

/** The worker's memory at the end, as times of what it was after it had warmed up. */
const GROWTH_MAX = 1.15;
/** The first posts fill caches and compile code. */
const WARM_SHARE = 0.2;

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

const program = new Command('churn')
  .description('match posts while people ask for alerts and delete them, and watch the memory')
  .option('--alerts <number>', 'alerts that there are', positive, 1_000_000)
  .option(
    '--posts <number>',
    'posts with alerts that stay, and as many with alerts that come and go',
    positive,
    300,
  )
  .addHelpText(
    'after',
    `
Starts Postgres and a worker. Prints how long posts take to be matched with and without people who
ask and delete all the time, how long these wait, and the worker's memory; compares some posts with
every alert by Postgres alone. Ends with 1 when anything was missed or met wrongly, or when the
memory at the end is more than ${GROWTH_MAX} times what it was after the first posts.

Example:
  $ node_modules/.bin/node bench/churn.ts --alerts 100000 --posts 100`,
  );

const options = program.parse().opts<{ alerts: number; posts: number }>();
const report = await withHouse({}, (house) =>
  runChurn(house, options, (text) => process.stderr.write(`${text}\n`)),
);

const { msPerPost, memory, addMs, deleteMs } = report;
const ms = (value: number) => `${value.toFixed(1)} ms`;
const both = (times: number[]) =>
  `${ms(quantile(times, 0.5))} at the median, ${ms(quantile(times, 0.95))} at the 95th percentile`;
const warm = memory.slice(Math.floor(memory.length * WARM_SHARE));
const fifth = Math.max(1, Math.floor(warm.length / 5));
const [early, late] = [warm.slice(0, fifth), warm.slice(-fifth)].map((part) => quantile(part, 0.5));
const growth = (late ?? 0) / (early ?? 1);
console.log(`${options.alerts} alerts, ${2 * options.posts} posts, ${report.matches} matches
a post: ${ms(msPerPost.still)}; while alerts come and go: ${ms(msPerPost.churning)}
${report.added} alerts added: ${both(addMs)}
${report.deleted} alerts deleted: ${both(deleteMs)}
memory of the worker: ${early?.toFixed(0)} MB after it had warmed up, ${late?.toFixed(0)} MB at the end (${growth.toFixed(2)} times), ${Math.max(...memory).toFixed(0)} MB at most
${report.checked} posts compared with every alert: ${report.differences.length} differences`);
for (const difference of report.differences.slice(0, 20)) console.error(difference);
if (report.differences.length > 0 || growth > GROWTH_MAX) process.exitCode = 1;
