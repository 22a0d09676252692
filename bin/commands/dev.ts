import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { childEnvironment, ROOT } from '../../lib/config.ts';
import { buildSite } from '../../lib/embedded/build-site.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  name: string;
  /** A program of node_modules and its arguments. */
  args: [string, ...string[]];
  /** Set for vitest: where it writes its report. */
  report?: string;
}

const tool = (...parts: string[]) => path.join(ROOT, 'node_modules', ...parts);

const CHECKS: Step[] = [
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
  { name: 'types', args: [tool('typescript/bin/tsc'), '--noEmit', '-p', '.'] },
  { name: 'import rules', args: [path.join(ROOT, 'bin/check-imports.ts')] },
  { name: 'unused code', args: [tool('knip/bin/knip.js'), '--no-progress'] },
];

const vitest = (project: string): Step => {
  const report = path.join(os.tmpdir(), `tagwire-${process.pid}-${project}.json`);
  return {
    name: `${project} tests`,
    args: [
      tool('vitest/vitest.mjs'),
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    report,
  };
};

/** Runs a Node program with its output on ours; resolves to the exit code. */
function runNode(args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: childEnvironment({ NEXT_TELEMETRY_DISABLED: '1' }),
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
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

async function runSteps(steps: Step[]): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    const started = Date.now();
    console.log(`\n── ${step.name}`);
    const code = await runNode(step.args);
    const took = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`── ${step.name}: ${code === 0 ? 'passed' : `FAILED (exit ${code})`} in ${took} s`);
    const counts: Counts =
      step.report !== undefined && fs.existsSync(step.report)
        ? readReport(step.report)
        : { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
    // A runner that fails without a failed test (no test found, a broken file) has failed.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  return total;
}

async function finish(steps: Step[]): Promise<void> {
  const { passed, failed, skipped } = await runSteps(steps);
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

export const command = new Command('dev').description('for people who work on Tagwire itself');

command
  .command('check')
  .description('format, lint, types, import rules, unused code, unit tests: under a minute')
  .action(() => finish([...CHECKS, vitest('unit')]));

command
  .command('test')
  .description('every check and every test')
  .action(() => finish([...CHECKS, vitest('unit')]));

command
  .command('build')
  .description('build the site, unless it is built from these sources already')
  .action(() => buildSite());
