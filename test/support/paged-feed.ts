import { beforeEach } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { RobotsTexts } from '../../lib/fetch/robots.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import { readFullTextCounts } from '../../lib/queries/full-texts.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { addFeeds, setFeed } from '../../lib/store/feeds.ts';
import { readPages } from '../../workers/jobs/read-pages.ts';
import { pollNow } from '../support/poll-now.ts';
import { emptyTables } from './empty-tables.ts';
import { type Answer, type FeedServer, rss } from './feed-server.ts';

// A feed of excerpts, and the pages that have the rest.

const SENTENCES = [
  'Nobody in the house had thought of it for years, and so nobody heard it.',
  'We took it apart in March, when the snow was gone and the well was full.',
  'A grey sludge lay behind the wheel, which no filter had ever caught.',
  'The maker had closed long ago, so the bearing was turned by hand.',
  'It has run without a sound since then, which is all that one can ask.',
];

/** The excerpt of a post, which its page begins with. */
export const excerptOf = (title: string) =>
  `${title} had run for eleven years when it began to hum at night and to stop by morning…`;

/** What only the page says of it. */
const bodyOf = (title: string, word = 'bearing') =>
  [excerptOf(title).replace('…', '.'), ...SENTENCES, ...SENTENCES]
    .join(' ')
    .replaceAll('bearing', word);

/** A web page with that text, and an answer's headers. */
export const pageOf = (title: string, wish: { word?: string; head?: string } = {}) => ({
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html><head><title>${title}</title>${wish.head ?? ''}</head><body>
    <nav><a href="/">Home</a></nav><article><h1>${title}</h1>
    <p>${bodyOf(title, wish.word).split('. ').join('.</p><p>')}</p>
    <img src="pump.png" alt="A pump"></article></body></html>`,
});

export const pathOf = (title: string) => `/${title.toLowerCase().replaceAll(' ', '-')}`;

/** Adds the feed at `/feed` of the server; it is read for the first time with one old post. */
export async function addPagedFeed(server: FeedServer): Promise<number> {
  const [added] = await addFeeds([{ url: server.at('/feed') }]);
  const id = added?.id ?? 0;
  server.serve('/feed', { body: rss('Wells', []) });
  await pollNow(id);
  return id;
}

/** Serves posts as excerpts from now on, and polls. */
export async function pollPosts(
  server: FeedServer,
  id: number,
  items: (string | (Partial<Parameters<typeof rss>[1][number]> & { title: string }))[],
) {
  const written = items.map((item) => {
    const given = typeof item === 'string' ? { title: item } : item;
    const { title } = given;
    return { text: excerptOf(title), link: server.at(pathOf(title)), ...given };
  });
  server.serve('/feed', { body: rss('Wells', written) });
  return pollNow(id);
}

/** A post of the feed, and what only its page says. */
export const PUMP = 'The pump';
export const FULL = /turned by hand/u;

/** Gives each test such a feed, in otherwise empty tables, and ways to look at what becomes of it. */
export function usePagedFeed(server: FeedServer) {
  let id = 0;
  beforeEach(async () => {
    await emptyTables(['feeds', 'hosts', 'tags', 'cache_events'], { isNumberedAnew: true });
    id = await addPagedFeed(server);
  });
  /** Reads what is due; each time as a worker that knows no host's robots.txt. */
  const read = () => readPages({ robots: new RobotsTexts(fetchSpaced) });
  const counts = () => readFullTextCounts(id);
  return {
    id: () => id,
    read,
    counts,
    /** The most frequent reason for which pages were left. */
    left: async () => (await counts())?.left[0],
    turnOn: () => setFeed(id, { fullText: true }),
    asked: (title: string) => server.requests.filter(({ path }) => path === pathOf(title)).length,
    bodyHtml: async (postId = 1) => (await getPost(postId))?.bodyHtml,
    /** Lets the pauses of pages end that wait. */
    passTime: () => dbPool().query('UPDATE full_texts SET due_at = now() WHERE due_at > now()'),
    /** Polls the post, and reads its page with this answer. */
    serveAndRead: async (page: Answer = pageOf(PUMP)) => {
      server.serve(pathOf(PUMP), page);
      await pollPosts(server, id, [PUMP]);
      await read();
    },
  };
}
