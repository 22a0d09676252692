import type { CSSProperties } from 'react';
import type { TagName } from '../../lib/model/tag.ts';
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

/** The tags of a post. */
export function TagList({ tags }: { tags: TagName[] }) {
  if (tags.length === 0) return null;
  return (
    <ul className="tags" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag.slug}>
          <TagLink tag={tag} />
        </li>
      ))}
    </ul>
  );
}

/** Tags with their numbers of posts, one a line, for the rail. */
export function TagCounts({ tags }: { tags: (TagName & { posts: number })[] }) {
  return (
    <ul className="plain">
      {tags.map((tag) => (
        <li key={tag.slug}>
          <TagLink tag={tag} />
          <span className="n">{writeNumber(tag.posts)}</span>
        </li>
      ))}
    </ul>
  );
}
