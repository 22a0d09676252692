import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseUrl } from '../../lib/db.ts';
import { type CountedDatabase, countDatabase } from '../support/counted-database.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';

useDatabase();
/** It asks each second what has become stale, whatever readers do. */
const LISTENER = 'tagwire cache events';
let database: CountedDatabase;
let site: Site;
let post: number;

const statements = () => database.statements({ but: LISTENER });

beforeAll(async () => {
  const feedId = await makeFeed('Kernel News');
  post = await makePost({ feedId, title: 'First words', tags: ['NUMA', 'Kernel'] });
  database = await countDatabase(databaseUrl());
  site = await startSite({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await site.stop();
  await database.stop();
});

const PATHS = [
  '/',
  '/feed.xml',
  '/tag/numa',
  '/tag/numa?view=headlines',
  '/tag/numa/feed.xml',
  '/tag/numa/feed.atom',
  '/tag/numa/feed.json',
  '/tag/kernel+numa',
  '/tags',
  '/source/kernel-news',
  '/source/kernel-news/feed.xml',
  '/post/POST/first-words',
];

test('what is not kept is made of what Postgres says, and a page and its feeds of one reading', async () => {
  await (await site.get('/tag/kernel')).text();
  const read = statements();
  expect(read).toBeGreaterThan(0);
  expect((await site.get('/tag/kernel/feed.xml')).headers.get('x-tagwire-cache')).not.toBe('HIT');
  const asXml = statements();
  expect((await site.get('/tag/kernel/feed.json')).headers.get('x-tagwire-cache')).not.toBe('HIT');
  expect(statements()).toBe(asXml);
});

test.each(PATHS)('%s that is kept never reaches Postgres, in any form', async (path) => {
  const address = path.replace('POST', String(post));
  const get = (headers: Record<string, string> = {}) => site.get(address, { headers });
  await expect
    .poll(
      async () => {
        const answer = await get();
        await answer.arrayBuffer();
        return answer.headers.get('x-tagwire-cache');
      },
      { timeout: 10_000 },
    )
    .toBe('HIT');
  const kept = statements();
  for (let n = 0; n < 5; n++) {
    for (const encoding of ['identity', 'gzip', 'br']) {
      const answer = await get({ 'accept-encoding': encoding });
      expect(answer.status).toBe(200);
      const etag = answer.headers.get('etag') ?? '';
      await answer.arrayBuffer();
      const again = await get({ 'accept-encoding': encoding, 'if-none-match': etag });
      expect(again.status).toBe(304);
    }
    expect((await site.get(address, { method: 'HEAD' })).status).toBe(200);
  }
  expect(statements()).toBe(kept);
});
