import { Command, InvalidArgumentError } from 'commander';
import { withHouse } from './house.ts';
import { runStorm } from './storm/run-storm.ts';

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a whole number.');
}

const program = new Command('storm')
  .description('deliver mails to a bad mail server while the worker is killed again and again')
  .option('--mails <number>', 'mails that wait', whole, 10_000)
  .option('--kills <number>', 'times that the worker is killed', whole, 50)
  .option('--seed <number>', 'another number, another storm', whole, 1)
  .addHelpText(
    'after',
    `
Prints as JSON what became of the mails; ends with 1 when one is missing, or came twice without a
reason. The same that test/db/mail-storm.test.ts does with fewer.

Example:
  $ node_modules/.bin/node bench/storm.ts --mails 1000 --kills 20`,
  );

const options = program.parse().opts<{ mails: number; kills: number; seed: number }>();
const report = await withHouse({}, async (house) => {
  await house.freshDatabase();
  return await runStorm(options, (text) => process.stderr.write(`${text}\n`));
});
console.log(JSON.stringify(report, null, 2));
if (report.missing.length > 0 || report.doubles.unexplained.length > 0) process.exitCode = 1;
