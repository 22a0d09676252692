import type { CSSProperties } from 'react';
import type { PostTag, TagName } from '../../lib/model/tag.ts';
import { hueOf, writeNumber } from './text.ts';

/** The tag's hue for the stylesheet. */
export const hueStyle = (slug: string) => ({ '--h': hueOf(slug) }) as CSSProperties;

/** A tag with its mark, linked to its archive. */
export function TagLink({ tag }: { tag: TagName }) {
  return (
    <a className="t" style={hueStyle(tag.slug)} href={`/tag/${tag.slug}`}>
      {tag.name}
    </a>
  );
}

/** The tags of a post: what its sources give, or what we found in its words, and then so said. */
export function TagList({ tags }: { tags: PostTag[] }) {
  if (tags.length === 0) return null;
  const areOurs = tags.every(({ origin }) => origin === 'text');
  const list = (
    <ul className="tags" aria-label={areOurs ? 'Tags, given by us' : 'Tags'}>
      {tags.map((tag) => (
        <li key={tag.slug}>
          <TagLink tag={tag} />
        </li>
      ))}
    </ul>
  );
  if (!areOurs) return list;
  return (
    <div className="ours">
      <p className="help">
        <a href="/about#tags">Tagged by us</a>
      </p>
      {list}
    </div>
  );
}

/** Tags with their numbers of posts, one a line, or in columns as in an index. */
export function TagCounts({
  tags,
  isIndex = false,
}: {
  tags: (TagName & { posts: number })[];
  isIndex?: boolean;
}) {
  return (
    <ul className={isIndex ? 'plain index' : 'plain'}>
      {tags.map((tag) => (
        <li key={tag.slug}>
          <TagLink tag={tag} />
          <span className="n">{writeNumber(tag.posts)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Sources or authors with their numbers of posts, one a line, for the rail. */
export function NameCounts({
  list,
  names,
}: {
  list: 'source' | 'author';
  names: { slug: string; name: string; posts: number }[];
}) {
  return (
    <ul className="plain">
      {names.map(({ slug, name, posts }) => (
        <li key={slug}>
          <a href={`/${list}/${slug}`}>{name}</a>
          <span className="n">{writeNumber(posts)}</span>
        </li>
      ))}
    </ul>
  );
}
