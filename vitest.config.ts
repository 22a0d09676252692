import { defineConfig } from 'vitest/config';

// Projects by what they need, so that `npm run check` can run the first alone.
export default defineConfig({
  test: {
    projects: [
      // Properties try hundreds of texts, on a machine that may have other work.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'db',
          include: ['test/db/**/*.test.ts'],
          globalSetup: ['test/support/global-servers.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each file has its own database, but they share one server and its connections.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'site',
          include: ['test/site/**/*.test.ts'],
          globalSetup: ['test/support/global-servers.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/global-servers.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
