import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../lib/embedded/ports.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { useDatabase } from '../support/database.ts';
import { type Expected, expectArchive, expectFeed, search } from '../support/expect-archive.ts';
import { allowLoopback, importAndPoll } from '../support/polled-site.ts';
import { type Site, startSite } from '../support/site.ts';

// Real feeds are their publishers' and not ours to carry along. Who has some can name their
// folder in MODEL_FEEDS: feed files, and expected.json with what they must give:
// {"tag", "posts": [{"title", "author", "url"}], "searches": [{"q", "title"}]}.

const FOLDER = process.env.MODEL_FEEDS ?? '';

interface Model {
  tag: string;
  posts: Expected[];
  searches?: { q: string; title: string }[];
}

describe.skipIf(FOLDER === '')('model feeds (skipped unless MODEL_FEEDS names a folder)', () => {
  useDatabase();
  let model: Model;
  let site: Site;
  const server = http.createServer((request, response) => {
    const file = path.join(FOLDER, path.basename(request.url ?? ''));
    if (fs.existsSync(file)) response.end(fs.readFileSync(file));
    else response.writeHead(404).end();
  });

  beforeAll(async () => {
    allowLoopback();
    model = JSON.parse(fs.readFileSync(path.join(FOLDER, 'expected.json'), 'utf8'));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const outlines = fs
      .readdirSync(FOLDER)
      .filter((name) => /\.(?:xml|rdf|atom|rss)$|feed\.json$/u.test(name))
      .map((name) => `<outline type="rss" text="" xmlUrl="http://127.0.0.1:${port}/${name}"/>`);
    await importAndPoll(`<opml version="2.0"><body>${outlines.join('')}</body></opml>`);
    site = await startSite();
  });
  afterAll(async () => {
    await site.stop();
    await closeReadThreads();
    server.closeAllConnections();
    server.close();
  });

  test('give exactly the posts that their tag’s archive and its feed should have', async () => {
    await expectArchive(site, slugOf(model.tag), model.tag, model.posts);
    await expectFeed(site, slugOf(model.tag), model.posts);
  });

  test('are found by what should find them', async () => {
    for (const { q, title } of model.searches ?? []) {
      const { posts } = await search(site, q);
      expect(posts.map((post) => post.title)).toContain(title);
    }
  });
});
