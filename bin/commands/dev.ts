import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { childEnvironment, ROOT } from '../../lib/config.ts';
import { buildSite } from '../../lib/embedded/build-site.ts';
import { guard } from '../../lib/embedded/watchdog.ts';
import { TagwireError } from '../../lib/errors.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  name: string;
  /** A program of node_modules and its arguments, or work of ours; resolves to the exit code. */
  args: [string, ...string[]] | (() => Promise<number>);
  /** Set for vitest: where it writes its report. */
  report?: string;
}

const tool = (...parts: string[]) => path.join(ROOT, 'node_modules', ...parts);

/** Side by side; the longest first. */
const CHECKS: Step[] = [
  { name: 'types', args: [tool('typescript-native/bin/tsc'), '--noEmit', '-p', '.'] },
  {
    name: 'format and lint',
    args: [
      tool('@biomejs/biome/bin/biome'),
      'ci',
      '--error-on-warnings',
      '--colors=off',
      '--diagnostic-level=info',
    ],
  },
  { name: 'import rules', args: [path.join(ROOT, 'bin/check-imports.ts')] },
  { name: 'unused code', args: [tool('knip/bin/knip.js'), '--no-progress'] },
];

/** Tests of these projects, in one run that shares its servers. */
const vitest = (...projects: string[]): Step => {
  const report = path.join(os.tmpdir(), `tagwire-${process.pid}-${projects.join('-')}.json`);
  return {
    name: `${new Intl.ListFormat('en').format(projects)} tests`,
    args: [
      tool('vitest/vitest.mjs'),
      'run',
      ...projects.map((project) => `--project=${project}`),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    report,
  };
};

/** The site as it is served; the tests that need it then find it built. */
const BUILD: Step = {
  name: 'build of the site',
  args: () =>
    buildSite().then(
      () => 0,
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        return 1;
      },
    ),
};

type OwnSettings = Parameters<typeof childEnvironment>[0];

/**
 * Runs a Node program; resolves to the exit code.
 * @param keep takes its output when it has ended; without it goes to ours as it comes.
 */
function runNode(
  args: string[],
  settings: OwnSettings = {},
  keep?: (output: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const output = keep === undefined ? 'inherit' : 'pipe';
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', output, output],
      env: childEnvironment({ NEXT_TELEMETRY_DISABLED: '1', ...settings }),
    });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part) => said.push(part));
    guard(child, 'TERM'); // it has servers of its own to stop
    child.on('error', reject);
    child.on('close', (code) => {
      keep?.(Buffer.concat(said).toString());
      resolve(code ?? 1);
    });
  });
}

function readReport(file: string): Counts {
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  fs.rmSync(file);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

async function runStep(step: Step, keep?: (output: string) => void): Promise<Counts> {
  const { args, report } = step;
  const code = await (typeof args === 'function' ? args() : runNode(args, {}, keep));
  const counts: Counts =
    report !== undefined && fs.existsSync(report)
      ? readReport(report)
      : { passed: code === 0 && report === undefined ? 1 : 0, failed: 0, skipped: 0 };
  if (report !== undefined && counts.passed + counts.failed + counts.skipped === 0) {
    console.error(`${step.name}: not a single one was run, which is a failure.`);
    counts.failed = 1;
  }
  // A runner that fails without a failed test (a broken file, an error outside of tests) has failed.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * Runs steps, some side by side.
 * @param groups the steps of one group begin two at a time, and each says what it said when it ends.
 */
async function runSteps(groups: Step[][]): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const all = groups.flat();
  const run = async (step: Step, isAlone: boolean) => {
    const started = Date.now();
    const head = `\n── ${all.indexOf(step) + 1} of ${all.length}: ${step.name}`;
    if (isAlone) console.log(head);
    let said = '';
    const counts = await runStep(step, isAlone ? undefined : (output) => (said = output));
    if (!isAlone) console.log(`${head}\n${said.trimEnd()}`);
    const took = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`── ${step.name}: ${counts.failed === 0 ? 'passed' : 'FAILED'} in ${took} s`);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  };
  for (const group of groups) {
    const waiting = [...group];
    const lane = async () => {
      for (let step = waiting.shift(); step; step = waiting.shift())
        await run(step, group.length === 1);
    };
    await Promise.all([lane(), lane()]);
  }
  return total;
}

async function finish(steps: Step[][]): Promise<void> {
  const { passed, failed, skipped } = await runSteps(steps);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

export const command = new Command('dev')
  .description('for people who work on Tagwire itself')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire dev check');

command
  .command('check')
  .description('format, lint, types, import rules, unused code, unit tests: under a minute')
  .action(() => finish([CHECKS, [vitest('unit')]]));

command
  .command('test')
  .description('every check and every test')
  .action(() => {
    return finish([CHECKS, [vitest('unit')], [BUILD], [vitest('db', 'site', 'browser')]]);
  });

command
  .command('relevance')
  .description('rank the right answers to questions about sample feeds, and a corpus of yours')
  .option(
    '--corpus <path>',
    'have them answered among the posts of captured feeds, and ask of those',
  )
  .addHelpText(
    'after',
    `
Prints for each question the rank of its right answer (– when it is not on the first page), and
the mean reciprocal rank of each kind. Ends with 1 when one is below 0.9. The questions are lines of
test/fixtures/relevance-questions.txt and relevance-corpus-questions.txt. A corpus is a folder with
real/index.json, a list of {"file", "url"} of feeds that lie below real/.

Examples:
  $ bin/tagwire dev relevance
  $ bin/tagwire dev relevance --corpus ../corpus`,
  )
  .action(async ({ corpus }: { corpus?: string }) => {
    if (corpus !== undefined && !fs.existsSync(path.join(corpus, 'real/index.json'))) {
      throw new TagwireError(
        `There is no corpus at ${corpus}: real/index.json is missing.`,
        'Name the folder that has the list of its feeds at real/index.json.',
      );
    }
    const vitestRun = [tool('vitest/vitest.mjs'), 'run', '--project=db', '--reporter=verbose'];
    process.exitCode = await runNode(
      [...vitestRun, '--silent=false', 'test/db/relevance.test.ts'],
      corpus === undefined ? {} : { RELEVANCE_CORPUS: path.resolve(corpus) },
    );
  });

command
  .command('build')
  .description('build the site, unless it is built from these sources already')
  .action(() => buildSite());

command
  .command('bench')
  .description('measure Tagwire beside the least that can be done for the same result')
  .argument('[options...]', 'as `bench --help` shows them')
  .helpOption(false)
  .allowUnknownOption()
  .action(async (options: string[]) => {
    // Ctrl-C reaches the bench too, which stops its servers: wait for that.
    process.on('SIGINT', () => {});
    process.exitCode = await runNode([path.join(ROOT, 'bench/run.ts'), ...options]);
  });
