import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { chance, VOCABULARY_WORDS, word, zipf } from '../chance.ts';
import { storeCorpus } from '../corpus.ts';
import { startCpuClock } from '../cpu.ts';
import { closeRawSearch, rawSearch } from '../floors/search.ts';
import { withHouse } from '../house.ts';
import {
  type Comparison,
  type Cost,
  type Measure,
  median,
  type Ratio,
  ratioOf,
  type Say,
  summarise,
  timed,
} from '../measure.ts';

const QUERIES = 50;
/** The most frequent words are in every post: nobody searches for them. */
const COMMON_WORDS = 200;

function makeQueries(): string[] {
  const pick = zipf(VOCABULARY_WORDS / 2, chance(2));
  const term = () => word(COMMON_WORDS + pick());
  return Array.from({ length: QUERIES }, (_, n) => (n % 2 ? `${term()} ${term()}` : term()));
}

/** @returns how many posts it found; undefined where not all of the words were found. */
async function ourSearch(q: string): Promise<number | undefined> {
  const found = await searchPosts({ q });
  if (found.kind !== 'found') throw new Error(`search is ${found.kind}`);
  return found.isPartial ? undefined : found.total;
}

/** Both must find the same, or the comparison means nothing. */
async function checkEqual(queries: string[]): Promise<void> {
  for (const q of queries) {
    const [raw, ours] = [await rawSearch(q), await ourSearch(q)];
    if (ours !== undefined && ours !== raw) {
      throw new Error(`"${q}" finds ${ours} posts with Tagwire, ${raw} without`);
    }
  }
}

/** Both ways take turns query by query: a round's cost is the median of its queries. */
async function compare(queries: string[], rounds: number, pids: number[], say: Say) {
  const ways = { floor: rawSearch, ours: ourSearch };
  const costs: { floor: Cost[]; ours: Cost[] } = { floor: [], ours: [] };
  for (let round = 1; round <= rounds; round++) {
    const times: { floor: number[]; ours: number[] } = { floor: [], ours: [] };
    for (const q of queries) {
      for (const way of ['floor', 'ours'] as const)
        times[way].push(await timed(() => ways[way](q)));
    }
    for (const way of ['floor', 'ours'] as const) {
      const readCpu = startCpuClock(pids, { own: true });
      for (const q of queries) await ways[way](q);
      const seconds = readCpu();
      const cpu = seconds === undefined ? undefined : (seconds * 1000) / queries.length;
      costs[way].push({ time: median(times[way]), cpu });
    }
    say(`round ${round} of ${rounds}`);
  }
  return {
    ours: summarise('searchPosts: Meilisearch, then names of today from Postgres', costs.ours),
    floor: summarise('one raw request to Meilisearch', costs.floor),
    beside: [],
    ratio: ratioOf(costs.ours, costs.floor, (cost) => cost.time) as Ratio,
    cpuRatio: ratioOf(costs.ours, costs.floor, (cost) => cost.cpu),
  };
}

export const search: Measure = {
  name: 'search',
  about: 'searching with facets and highlights',
  run: (setting, say) =>
    withHouse({ search: true }, async (house): Promise<Comparison[]> => {
      if (config().meiliUrl === undefined) {
        throw new TagwireError(
          'There is no Meilisearch to measure.',
          'Set MEILI_URL or install it.',
        );
      }
      await house.freshDatabase();
      await storeCorpus(setting.posts);
      const indexing = await timed(() => indexPosts());
      const seconds = (indexing / 1000).toFixed(1);
      say(`${setting.posts} posts were indexed in ${seconds} s`);
      const queries = makeQueries();
      try {
        await checkEqual(queries); // which warms both up as well
        const pids = [house.postgresPid, ...(house.meilisearchPid ? [house.meilisearchPid] : [])];
        const turns = await compare(queries, setting.rounds, pids, say);
        return [
          {
            name: 'search',
            work: `${setting.posts} posts, ${QUERIES} queries of one or two words`,
            unit: 'ms a query',
            ...turns,
            notes: [
              'Median of the queries, one at a time. A query whose words are in no post together ' +
                'is asked a second time by ours, for some of them.',
              `Indexing took ${seconds} s.`,
            ],
          },
        ];
      } finally {
        closeRawSearch();
      }
    }),
};
