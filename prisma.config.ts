import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// The native schema engine is a download at install time; ours comes with the packages.
// docs/decisions/0003-prisma-without-downloads.md
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(
  new URL('./lib/embedded/schema-engine.mjs', import.meta.url),
);

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://unset@127.0.0.1:1/unset' },
});
