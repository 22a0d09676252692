import { listHref, type View } from '../../lib/model/list-address.ts';
import type { TagName } from '../../lib/model/tag.ts';
import {
  dropTerm,
  slugsOf,
  TAG_TERMS_MAX,
  type TagTerms,
  writeTagTerms,
} from '../../lib/model/tag-algebra.ts';
import type { Term } from '../../lib/queries/tag-terms.ts';
import { Page } from './shell.tsx';
import { TagLink } from './tag-mark.tsx';
import { writeNumber } from './text.ts';

/** The address of the list of some tags together, as dense as the one before. */
const termsHref = (terms: TagTerms<string>, view: View) =>
  listHref({ scope: 'tag', slug: writeTagTerms(terms), month: 'all', before: 'newest', view });

/** The tags of a list, each with a link that drops it. */
export function TermList({ tags, view }: { tags: TagTerms<Term>; view: View }) {
  const terms = slugsOf(tags);
  const row = (tag: Term, isWanted: boolean) => {
    const rest = dropTerm(terms, tag.slug);
    return (
      <li key={tag.slug}>
        {isWanted ? null : <span className="q">not </span>}
        <TagLink tag={tag} /> <span className="q">{writeNumber(tag.posts)}</span>
        {rest ? (
          <a
            className="sign"
            rel="nofollow"
            href={termsHref(rest, view)}
            aria-label={`Drop ${tag.name}`}
            title={`Drop ${tag.name}`}
          >
            ×
          </a>
        ) : null}
      </li>
    );
  };
  return (
    <ul className="terms" aria-label="Tags of this list">
      {tags.with.map((tag) => row(tag, true))}
      {tags.without.map((tag) => row(tag, false))}
    </ul>
  );
}

interface NarrowerProps {
  /** What the list is made of already. */
  terms: TagTerms<string>;
  tags: (TagName & { posts: number })[];
  view: View;
}

/**
 * Tags beside those of a list, each with links to the posts that bear it as well, and to those
 * that do not. Crawlers are not sent through all combinations.
 */
export function Narrower({ terms, tags, view }: NarrowerProps) {
  const isFull = terms.with.length + terms.without.length >= TAG_TERMS_MAX;
  return (
    <ul className="plain">
      {tags.map(({ slug, name, posts }) => {
        const sign = (text: string, says: string, more: TagTerms<string>) => (
          <a
            className="sign"
            rel="nofollow"
            href={termsHref(more, view)}
            aria-label={says}
            title={says}
          >
            {text}
          </a>
        );
        return (
          <li key={slug}>
            <TagLink tag={{ slug, name }} />
            <span className="n">
              {writeNumber(posts)}
              {isFull ? null : (
                <>
                  {sign('+', `Only with ${name}`, { ...terms, with: [...terms.with, slug] })}
                  {sign('−', `Only without ${name}`, {
                    ...terms,
                    without: [...terms.without, slug],
                  })}
                </>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What stands at the address of more tags than go together. */
export function TooManyTags() {
  return (
    <Page
      section="tags"
      head={
        <>
          <h1>Too many tags at once</h1>
          <p className="lede">
            A list is made of at most {TAG_TERMS_MAX} tags, wanted and unwanted ones together. Leave
            some out of its address.
          </p>
        </>
      }
    >
      <p className="list">
        <a href="/tags">To all tags</a>
      </p>
    </Page>
  );
}
