import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEPT, TABLE } from '../../.dependency-cruiser.mjs';
import { describeConfig, ROOT } from '../../lib/config.ts';

// What the pages for people say and a program can check.

const FOLDERS_PASSED_OVER = new Set(['node_modules', '.next', '.cache', 'data', 'generated']);
/** Taken of a running site, all at once: until then there is no folder. */
const SCREENSHOTS = 'docs/screenshots';

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const exists = (file: string) => fs.existsSync(path.join(ROOT, file));

/** Files below a folder, as paths from the root of the checkout. */
function filesBelow(folder: string): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (!entry.isDirectory()) return [file];
    return FOLDERS_PASSED_OVER.has(entry.name) ? [] : filesBelow(file);
  });
}

const all = filesBelow('.');
const pages = all.filter((file) => file.endsWith('.md') && !file.startsWith('.'));
const code = all.filter((file) =>
  /\.(ts|tsx|js|mjs|yaml)$|^(bin\/tagwire|Dockerfile)$/u.test(file),
);

/** Addresses of headings, as the forges make them. */
function anchorsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#{1,6} (.+)$/gmu)].map(([, text = '']) => text);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function linksOf(page: string): string[] {
  const text = read(page).replace(/^( {4}|```[\s\S]*?^```).*$/gmu, '');
  const written = [
    ...text.matchAll(/\]\(([^()\s]+)\)/gu),
    ...text.matchAll(/(?:src|href)="([^"]+)"/gu),
  ];
  return written.map(([, link = '']) => link).filter((link) => !/^[a-z]+:/u.test(link));
}

/** Rows of the table whose first heading is this, as lists of cells. */
function tableOf(page: string, heading: string): string[][] {
  const lines = read(page).split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** What stands in code type. */
const quoted = (cell = '') => [...cell.matchAll(/`([^`]+)`/gu)].map(([, text]) => text);

describe('links', () => {
  test.each(pages)('of %s lead somewhere', (page) => {
    for (const link of linksOf(page)) {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
      if (target.startsWith(SCREENSHOTS) && !exists(SCREENSHOTS)) continue;
      expect(exists(target), `${page} links to ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
    }
  });

  test('from code to decisions lead to pages that there are, and the index has them all', () => {
    const referred = code.flatMap((file) => [
      ...(read(file).match(/docs\/[\w/-]+\.md/gu) ?? []).map((link) => ({ file, link })),
    ]);
    expect(referred.length).toBeGreaterThan(3);
    for (const { file, link } of referred) expect(exists(link), `${file}: ${link}`).toBe(true);
    const decisions = pages.filter((page) => /^docs\/decisions\/\d{4}-/u.test(page));
    const listed = linksOf('docs/decisions/README.md').map((link) => `docs/decisions/${link}`);
    expect(listed).toEqual(decisions.sort());
  });
});

describe('docs/operating.md', () => {
  test('has every setting, in the order of lib/config.ts, and no other', () => {
    const named = tableOf('docs/operating.md', 'setting').map(([name]) => quoted(name)[0]);
    expect(named).toEqual(Object.keys(describeConfig()));
  });

  test('explains every event that is logged as a warning or an error', () => {
    const logged = code.flatMap((file) =>
      file.startsWith('test/')
        ? []
        : [
            ...read(file).matchAll(
              /log(?:\.(?:warn|error)|\[[^\]]*'error'[^\]]*\])\(\s*'([\w.]+)'/gu,
            ),
          ].map(([, name]) => name),
    );
    const explained = tableOf('docs/operating.md', 'event').flatMap(([name]) => quoted(name));
    /** Our own servers' words, told on with their own message. */
    const toldOn = ['queue.migration', 'worker.metrics_failed'];
    expect(explained.sort()).toEqual(
      [...new Set(logged)].filter((name) => !toldOn.includes(name ?? '')).sort(),
    );
  });

  test('names metrics that there are', () => {
    const made = read('app/_metrics/registry.ts') + read('workers/metrics.ts');
    for (const name of read('docs/operating.md').match(/tagwire_[a-z_]+/gu) ?? []) {
      expect(made).toContain(`'${name}'`);
    }
  });
});

describe('ARCHITECTURE.md', () => {
  const HOW = 'ARCHITECTURE.md and .dependency-cruiser.mjs say different things';

  test('has the import table as it is enforced', () => {
    const rows = tableOf('ARCHITECTURE.md', 'from').map(([from, to]) => [
      quoted(from)[0],
      quoted(to),
    ]);
    const enforced = Object.entries(TABLE).map(([from, to]) => [from, to ?? []]);
    expect(rows, HOW).toEqual(enforced);
  });

  test('has the packages where they are kept', () => {
    const rows = tableOf('ARCHITECTURE.md', 'package').flatMap(([packages, homes]) =>
      quoted(packages).map((name) => [name, quoted(homes)]),
    );
    const enforced = Object.entries(KEPT).flatMap(([pattern, homes]) => {
      const [, scope = '', names = pattern] = /^(.*)\((.*)\)$/u.exec(pattern) ?? [];
      return names.split('|').map((name) => [`${scope}${name}`, homes]);
    });
    expect(rows, HOW).toEqual(enforced);
  });

  test('lists the folders that there are', () => {
    const layout = read('ARCHITECTURE.md').split('## Layout')[1]?.split('\n## ')[0] ?? '';
    const foldersIn = (folder: string) =>
      fs
        .readdirSync(path.join(ROOT, folder), { withFileTypes: true })
        .filter(
          (entry) =>
            entry.isDirectory() && !/^(\.|node_modules$|data$|test-results$)/u.test(entry.name),
        )
        .map((entry) => entry.name);
    for (const folder of [...foldersIn('.'), ...foldersIn('lib')]) {
      expect(layout, `${folder}/ is not in the layout`).toMatch(new RegExp(`^ +${folder}/`, 'mu'));
    }
    const listed = [...layout.matchAll(/^ {6}([a-z]+)\//gmu)].map(([, name]) => name);
    expect(
      listed.filter((name) => name !== 'generated').every((name) => exists(`lib/${name}`)),
    ).toBe(true);
  });

  test('names files that there are', () => {
    const way = read('ARCHITECTURE.md').split('## The way of a post')[1]?.split('\n## ')[0] ?? '';
    const named = quoted(way).filter((name) => /\.tsx?$/u.test(name ?? '')) as string[];
    expect(named.length).toBeGreaterThan(25);
    for (const name of named) {
      const end = name.split('…').at(-1) ?? '';
      expect(
        all.some((file) => file === name || file.endsWith(`/${end.replace(/^\//u, '')}`)),
        name,
      ).toBe(true);
    }
  });
});

test('the command line in README.md is the one that there is', () => {
  const named = tableOf('README.md', 'command').flatMap(([name]) => quoted(name));
  const commands = fs
    .readdirSync(path.join(ROOT, 'bin/commands'))
    .map((file) => file.replace(/\.ts$/u, ''))
    .filter((name) => name !== 'dev');
  expect([...new Set(named.map((name) => name?.split(' ')[0]))].sort()).toEqual(commands.sort());
});
