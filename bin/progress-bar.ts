import cliProgress from 'cli-progress';

const SECONDS_BETWEEN_LINES = 5;

type Progress = Pick<cliProgress.SingleBar, 'update' | 'stop'>;

/** Shows how far long work is: a bar on a terminal, a line now and then in a log; of none nothing. */
export function startProgress(doing: string, total: number, unit: string): Progress {
  if (total === 0) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    format: `tagwire: ${doing} {bar} {value} of {total} ${unit}, {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: SECONDS_BETWEEN_LINES * 1000,
  });
  bar.start(total, 0);
  return bar;
}
