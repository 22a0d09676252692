import { defineConfig } from 'vitest/config';

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
