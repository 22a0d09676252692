import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { countPostsToIndex } from '../../lib/store/search-queue.ts';
import { rebuildIndex } from '../../workers/jobs/rebuild-index.ts';
import { startProgress } from '../progress-bar.ts';
import { withServers } from '../servers.ts';

export const command = new Command('reindex')
  .description('fill a new search index from Postgres and put it in the place of the old one')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    `
Search goes on meanwhile. Needed after a change of search settings, or when Meilisearch's data
was lost; new and changed posts are indexed by themselves.

Example:
  $ bin/tagwire reindex`,
  )
  .action(({ json }: { json?: boolean }) =>
    withServers({ database: true, search: true }, async () => {
      if (config().meiliUrl === undefined) {
        throw new TagwireError(
          'Search is switched off: there is no Meilisearch to index into.',
          'Set MEILI_URL and MEILI_KEY.',
        );
      }
      const { posts } = await countPostsToIndex();
      const bar = startProgress('indexing', posts, 'posts');
      const written = await rebuildIndex((done) => bar.update(done)).finally(() => bar.stop());
      if (written === undefined) {
        throw new TagwireError(
          'Another process is indexing at this moment.',
          'Wait until it is done, then try again.',
        );
      }
      console.log(json ? JSON.stringify({ posts: written }) : `${written} posts indexed`);
    }),
  );
