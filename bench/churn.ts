import { Command, InvalidArgumentError } from 'commander';
import { runChurn } from './churn/run-churn.ts';
import { withHouse } from './house.ts';
import { quantile } from './measure.ts';

/**
 * The most memory that the worker had in the second half, as times of the first: it goes up and down
 * by some 200 MB as garbage is collected, and what leaks would stay.
 */
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
memory grows to more than ${GROWTH_MAX} times in the second half of the posts.

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
const half = Math.ceil(warm.length / 2);
const [early, late] = [Math.max(...warm.slice(0, half)), Math.max(...warm.slice(half))];
const growth = late / early;
console.log(`${options.alerts} alerts, ${2 * options.posts} posts, ${report.matches} matches
a post: ${ms(msPerPost.still)}; while alerts come and go: ${ms(msPerPost.churning)}
${report.added} alerts added: ${both(addMs)}
${report.deleted} alerts deleted: ${both(deleteMs)}
memory of the worker: ${early.toFixed(0)} MB at most in the first half, ${late.toFixed(0)} MB in the second (${growth.toFixed(2)} times)
${report.checked} posts compared with every alert: ${report.differences.length} differences`);
for (const difference of report.differences.slice(0, 20)) console.error(difference);
if (report.differences.length > 0 || growth > GROWTH_MAX) process.exitCode = 1;
