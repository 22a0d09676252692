import { Command, InvalidArgumentError } from 'commander';
import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import type { AnsweredBy, SearchHit } from '../../lib/model/search.ts';
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

/** Why Postgres has answered, for the terminal; empty when Meilisearch has. */
function sayWho(answeredBy: AnsweredBy): string {
  if (answeredBy.by === 'index') return '';
  switch (answeredBy.why) {
    case 'query':
      return `Answered by Postgres: ${answeredBy.beyond.join(', ')}. No typos are forgiven.`;
    case 'off':
      return 'Answered by Postgres: there is no Meilisearch (MEILI_URL). No typos are forgiven.';
    case 'away':
      return 'Answered by Postgres: Meilisearch does not answer, or has indexed nothing yet.';
  }
}

export const command = new Command('search')
  .description('search the posts')
  .argument('<query>', 'words, =words, "phrases", -words, OR, brackets, begin*, tag:, after: …')
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
Finds beginnings of words and near spellings too; "quotes" are for words as they stand. What
Meilisearch cannot answer (OR, brackets, =words, begin*), or while it is away, Postgres does.

Examples:
  $ bin/tagwire search 'hybrid cloud'
  $ bin/tagwire search '"far memory" -numa' --tag kernel --limit 5
  $ bin/tagwire search 'tag:kernel (numa OR "far memory") after:2026-05'`,
  )
  .action((q: string, { limit: pageSize, json, newest, ...filters }: Options) =>
    withServers({ database: true, search: true }, async () => {
      const found = await searchPosts(
        { q, pageSize, ...filters, ...(newest ? { order: 'newest' } : {}) },
        { proposes: true },
      );
      if (found.kind === 'invalid') {
        const place = found.at === undefined ? '' : `At character ${found.at + 1}: `;
        throw new TagwireError(`${place}${found.message}`);
      }
      if (found.kind === 'too-costly') {
        throw new TagwireError(
          `Postgres needs too long for this. ${sayWho(found.answeredBy)}`.trim(),
          'Take rarer or more words, or a day to begin with (after:2026-05).',
        );
      }
      if (json) return console.log(JSON.stringify(found, null, 2));
      for (const hit of found.hits) print(hit);
      const some = found.isPartial ? ' (none has all the words)' : '';
      process.stderr.write(`${plural(found.total, 'post')}${some}\n`);
      if (found.didYouMean) process.stderr.write(`Did you mean ${oneLine(found.didYouMean)}?\n`);
      if (found.fault) {
        const { at, message } = found.fault;
        process.stderr.write(`Taken as plain words; at character ${at + 1}: ${message}\n`);
      }
      const who = sayWho(found.answeredBy);
      if (who !== '') process.stderr.write(`${who}\n`);
    }),
  );
