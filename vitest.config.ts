import { defineConfig } from 'vitest/config';

// Projects by what they need, so that `npm run check` can run the first alone.
export default defineConfig({
  test: {
    projects: [{ test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } }],
  },
});
