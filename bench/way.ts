import { Command, InvalidArgumentError } from 'commander';
import { withHouse } from './house.ts';
import { quantile } from './measure.ts';
import { runWay, STEPS } from './way/run-way.ts';

/** What readers may count on, from the hub's POST on; the 95th percentile. */
const LATE_MS = 2000;

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

const program = new Command('way')
  .description('measure how long a new post is on its way from a hub to readers, search and mail')
  .option('--alerts <number>', 'alerts that it is matched with', positive, 100_000)
  .option('--posts <number>', 'posts that a hub brings, one after the other', positive, 60)
  .addHelpText(
    'after',
    `
Starts Postgres, Meilisearch, two processes of the built site, a worker and a mail server; brings
posts to one of the sites, and looks for each at the other. Prints for each step how many
milliseconds after the POST it was there, at the median, at the 95th percentile and at worst; ends
with 1 when a 95th percentile is above ${LATE_MS} ms.

Example:
  $ npm run build && node_modules/.bin/node bench/way.ts --alerts 20000 --posts 20`,
  );

const options = program.parse().opts<{ alerts: number; posts: number }>();
const report = await withHouse({ search: true }, (house) =>
  runWay(house, options, (text) => process.stderr.write(`${text}\n`)),
);
console.log(
  `${options.alerts} alerts, ${options.posts} posts, ${report.mails} mails; milliseconds`,
);
console.log(`${'step'.padEnd(22)}  median    95 %   worst`);
for (const step of STEPS) {
  const times = report.times[step];
  const cells = [0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(0).padStart(6));
  console.log(`${step.padEnd(22)}  ${cells.join('  ')}`);
  if (quantile(times, 0.95) > LATE_MS) process.exitCode = 1;
}
