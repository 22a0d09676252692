import fs from 'node:fs';
import path from 'node:path';
import { dbPool } from '../../lib/db.ts';
import { closeReadThreads, readFeed } from '../../lib/ingest/read-feed.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { savePosts } from '../../lib/store/posts.ts';

/** A feed of a corpus, as its `real/index.json` lists it. */
interface CorpusFeed {
  /** Below `real`. */
  file: string;
  /** Where it came from, if that is known. */
  url: string | null;
}

function readIndex(folder: string): CorpusFeed[] {
  const file = path.join(folder, 'real/index.json');
  if (!fs.existsSync(file)) {
    throw new Error(`${file} is not there: a corpus has feeds in real/, and lists them in it.`);
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/**
 * Stores the posts of captured feeds as their first polls would: parsed, normalised and saved.
 * Feeds that cannot be read have no posts.
 * @param folder of the corpus: `real/index.json` lists files and where they came from.
 * @returns how many posts there are.
 */
export async function storeCorpusPosts(folder: string, now: Date): Promise<number> {
  let posts = 0;
  for (const { file, url: from } of readIndex(folder)) {
    const bytes = fs.readFileSync(path.join(folder, 'real', file));
    const slug = slugOf(file.replace(/^.*\/|\.\w+$/gu, ''));
    // RFC 6761: `.invalid` is never anybody's.
    const url = from ?? `http://${slug}.invalid/`;
    const read = await readFeed(bytes, { url, now });
    if (read.kind !== 'read') continue;
    // Some were captured twice: the second is a later poll.
    const { rows } = await dbPool().query<{ id: number; slug: string }>(
      `INSERT INTO feeds (url, slug, title, language) VALUES ($1, $2, $3, $4)
       ON CONFLICT (url) DO UPDATE SET title = excluded.title RETURNING id, slug`,
      [url, slug, read.channel.title ?? slug, read.channel.language],
    );
    const [feed] = rows;
    if (feed === undefined) continue;
    const saving = { ...feed, firstGoodAt: null, feedTags: [] };
    posts += (await savePosts(saving, read.drafts, { now })).inserted.length;
  }
  await closeReadThreads();
  return posts;
}
