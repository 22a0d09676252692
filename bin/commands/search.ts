import { Command, InvalidArgumentError } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import type { SearchHit } from '../../lib/model/search.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { withServers } from '../servers.ts';
import { oneLine, plural, showMarked } from '../terminal-text.ts';

const LIMIT_MAX = 100;

interface Options {
  tag?: string;
  source?: string;
  from?: string;
  to?: string;
  limit: number;
  newest?: boolean;
  json?: boolean;
}

const limit = (text: string) => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= LIMIT_MAX) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
};

function print({ post, title, passage }: SearchHit): void {
  const who = post.byline === '' ? '' : `, ${post.byline}`;
  console.log(showMarked(title));
  console.log(`  ${post.sortAt.slice(0, 10)}  ${oneLine(post.source.title + who)}`);
  console.log(`  ${oneLine(post.url)}`);
  if (passage.length > 0) console.log(`  ${showMarked(passage)}`);
  console.log(`  ${config().siteUrl}/post/${post.id}/${post.slug}\n`);
}

export const command = new Command('search')
  .description('search the posts')
  .argument('<query>', 'words, "phrases" and -words')
  .option('--tag <slug>', 'only posts with this tag')
  .option('--source <slug>', 'only posts of this source')
  .option('--from <day>', 'only posts from this day on, as YYYY-MM-DD')
  .option('--to <day>', 'only posts up to this day')
  .option('--limit <number>', `how many posts, at most ${LIMIT_MAX}`, limit, 20)
  .option('--newest', 'the newest first, not the best match')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    `
Finds beginnings of words and near spellings too; "quotes" are for words as they stand.

Examples:
  $ bin/tagwire search 'hybrid cloud'
  $ bin/tagwire search '"far memory" -numa' --tag kernel --limit 5`,
  )
  .action((q: string, { limit: pageSize, json, newest, ...filters }: Options) =>
    withServers({ database: true, search: true }, async () => {
      const found = await searchPosts({
        q,
        pageSize,
        ...filters,
        ...(newest ? { order: 'newest' } : {}),
      });
      if (found.kind === 'invalid') throw new TagwireError(found.message);
      if (found.kind === 'off') {
        throw new TagwireError(
          'Search is switched off: there is no Meilisearch.',
          'Set MEILI_URL and MEILI_KEY, or see `bin/tagwire up` for what the embedded one needs.',
        );
      }
      if (found.kind === 'unavailable') {
        throw new TagwireError(
          found.message,
          'Start Meilisearch, check MEILI_URL and MEILI_KEY, or run `bin/tagwire reindex`.',
        );
      }
      if (json) return console.log(JSON.stringify(found, null, 2));
      for (const hit of found.hits) print(hit);
      const some = found.isPartial ? ' (none has all the words)' : '';
      process.stderr.write(`${plural(found.total, 'post')}${some}\n`);
    }),
  );
