import { readdirSync } from 'node:fs';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import rules from '../.dependency-cruiser.mjs';
import { ROOT } from '../lib/config.ts';

const FOLDERS = ['app', 'bench', 'bin', 'lib', 'test', 'workers'];
const ROOT_FILES = ['proxy.ts', 'instrumentation.ts'];

const isCode = (name: string) => /\.(ts|tsx)$/u.test(name) && !name.endsWith('.d.ts');

const onDisk = FOLDERS.flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
    path.join(folder, file),
  ),
).filter((file) => isCode(file) && !file.includes('generated'));

process.chdir(ROOT);
const present = new Set(readdirSync(ROOT));
const { output } = await cruise(
  [...FOLDERS, ...ROOT_FILES.filter((file) => present.has(file))],
  { ...rules.options, validate: true, ruleSet: { forbidden: rules.forbidden } },
  undefined,
  { tsConfig: extractTSConfig(path.join(ROOT, 'tsconfig.json')) },
);
const { modules, summary } = output as ICruiseResult;

for (const { rule, from, to } of summary.violations) {
  console.error(`${from} must not import ${to} (${rule.name}; the table is in ARCHITECTURE.md)`);
}
// A compiler that dependency-cruiser cannot use gives no modules and no complaint.
const seen = new Set(modules.map((module) => module.source));
const missed = onDisk.filter((file) => !seen.has(file));
if (missed.length > 0) console.error(`not looked at: ${missed.join(', ')}`);

console.log(`${seen.size} modules, ${summary.violations.length} imports against the rules`);
process.exitCode = summary.violations.length > 0 || missed.length > 0 ? 1 : 0;
