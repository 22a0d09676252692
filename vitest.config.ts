import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of half a minute and more: one that came last would run beside nothing. */
const LONG = [
  'browser/axe',
  'browser/demo',
  'site/up',
  'browser/alert-ways-mail',
  'browser/alert-ways-elsewhere',
  'browser/reader',
  'site/three-workers',
  'site/pages',
];

/** The long ones first, and then as usual: on a clean checkout by their size. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place === -1 ? LONG.length : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

const SHARED = {
  // Files follow each other in one process: reading all modules anew for each takes a quarter of
  // the time. So a file leaves nothing behind that another meets.
  isolate: false,
  setupFiles: ['test/support/own-settings.ts'],
  // A machine with other work is slow, not wrong.
  expect: { poll: { timeout: 10_000 } },
};

/** Tests that share the run's Postgres and Meilisearch: each file has a database of its own there. */
const served = (name: string, testTimeout: number) => ({
  test: {
    ...SHARED,
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 180_000,
  },
});

// Projects by what they need, so that `npm run check` can run the first alone.
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-servers.ts'],
    // More would wait for each other's turns on Postgres and on the sites that they start.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    projects: [
      // Properties try hundreds of texts, on a machine that may have other work.
      {
        test: { ...SHARED, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 },
      },
      served('db', 120_000),
      served('site', 180_000),
      served('browser', 300_000),
    ],
  },
});
