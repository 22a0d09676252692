import { dbPool } from '../db.ts';
import { nameAlert } from '../model/alert-name.ts';
import type { MarkedText } from '../model/marked-text.ts';
import type { PostView } from '../model/post.ts';
import { getMatchedHit } from './hits.ts';
import { getPosts } from './posts.ts';

/** What an event is of. */
interface EventSubject {
  createdAt: Date;
  postId: number | null;
  change: 'changed' | 'withdrawn' | null;
  alert: { id: number; query: string; policy: string | null };
}

const plain = (text: MarkedText) => text.map((piece) => piece.text).join('');

/** The words that were found, as the post has them, each once. */
const termsOf = (...texts: MarkedText[]) => [
  ...new Set(texts.flat().flatMap((piece) => (piece.isMatch ? [piece.text.toLowerCase()] : []))),
];

/** Of a source that gives its titles only, only those go on. */
function sayPost(post: PostView, sentence: string) {
  const isLink = post.display === 'link';
  return {
    id: post.id,
    title: post.title,
    url: post.url,
    source: { slug: post.source.slug, title: post.source.title },
    authors: post.authors.map((author) => author.name),
    tags: post.tags.map(({ slug, name }) => ({ slug, name })),
    language: post.language,
    published: post.publishedAt,
    words: post.wordCount,
    summary: isLink ? '' : post.summaryText,
    sentence,
  };
}

/**
 * The body of an event, as the post is now: JSON with type, timestamp and data (Standard Webhooks,
 * “Payload structure”); docs/webhooks.md shows one. Undefined when the post was
 * withdrawn before that could be sent, or is shown again.
 */
export async function writeEventBody(event: EventSubject): Promise<string | undefined> {
  const { id, query, policy } = event.alert;
  const timestamp = event.createdAt.toISOString();
  const alert = {
    id,
    name: nameAlert(event.alert),
    query: query === '' ? null : query,
    policy: policy === null ? null : JSON.parse(policy),
  };
  if (event.postId === null) {
    return JSON.stringify({ type: 'webhook.test', timestamp, data: { alert } });
  }
  if (event.change === 'withdrawn') {
    const post = await readWithdrawn(event.postId);
    return post && JSON.stringify({ type: 'post.withdrawn', timestamp, data: { alert, post } });
  }
  const post = (await getPosts([event.postId])).get(event.postId);
  const hit = await getMatchedHit(id, event.postId);
  if (post === undefined || hit === undefined) return undefined;
  const matched = { terms: termsOf(hit.title, hit.sentence), tags: hit.tags };
  const data = { alert, post: sayPost(post, plain(hit.sentence)), matched };
  const type = event.change === null ? 'post.matched' : 'post.changed';
  return JSON.stringify({ type, timestamp, data });
}

/** What may be said of a post that was taken back; undefined when it is shown again. */
async function readWithdrawn(id: number): Promise<object | undefined> {
  const { rows } = await dbPool().query<{ id: number; url: string; withdrawn: Date }>(
    `SELECT id, url, withdrawn_at AS withdrawn FROM posts
     WHERE id = $1 AND withdrawn_at IS NOT NULL`,
    [id],
  );
  return rows[0];
}
