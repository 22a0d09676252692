import { config } from '../../lib/config.ts';
import type { PostView } from '../../lib/model/post.ts';
import { muteData } from './mute.tsx';
import { postPath } from './post.tsx';
import { writeListDay, writeMoment, writeTime } from './text.ts';

/** Posts in the order given, gathered by the day in the site's time zone, each with its name. */
export function byDay(posts: PostView[]): [string, PostView[]][] {
  const days = new Map<string, PostView[]>();
  for (const post of posts) {
    const day = writeListDay(post.sortAt, posts[0]?.sortAt ?? post.sortAt);
    days.set(day, [...(days.get(day) ?? []), post]);
  }
  return [...days];
}

/** One line a post: time, title, source; the day once in the margin. */
export function Headlines({ posts, besides }: { posts: PostView[]; besides: 'source' | 'author' }) {
  const days = byDay(posts).map(([day, ofDay]) => (
    <section className="day" key={day}>
      <h2>{day}</h2>
      <ol className="rows">
        {ofDay.map((post) => (
          <li key={post.id} {...muteData(post)}>
            <time dateTime={post.sortAt} title={writeMoment(post.sortAt)}>
              {writeTime(post.sortAt)}
            </time>
            <a
              className="ttl"
              href={postPath(post)}
              title={post.title}
              lang={post.language ?? undefined}
            >
              {post.title}
            </a>
            {besides === 'source' ? (
              <a className="src" href={`/source/${post.source.slug}`}>
                {post.source.title}
              </a>
            ) : (
              <span className="src">{post.byline}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  ));
  return (
    <>
      {days}
      {posts.length > 0 ? <p className="q zone">Times in {config().siteTimezone}</p> : null}
    </>
  );
}
