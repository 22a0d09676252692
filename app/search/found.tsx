import { searchAlertQuery } from '../../lib/model/query/alert-queries.ts';
import type { Facet, SearchHit, SearchOutcome } from '../../lib/model/search.ts';
import { SEARCH_HITS_MAX, SEARCH_PAGE_HITS, type SearchQuery } from '../../lib/model/search.ts';
import { changeSearch, searchFeedPath, searchPath } from '../../lib/model/search-address.ts';
import { alertPath } from '../_components/by-mail.tsx';
import { Marked } from '../_components/marked.tsx';
import { ByLine, Meta, postPath } from '../_components/post.tsx';
import { Page } from '../_components/shell.tsx';
import { hueStyle, TagList } from '../_components/tag-mark.tsx';
import { count, writeNumber } from '../_components/text.ts';
import { AnswerNote, FaultNote } from './notes.tsx';
import { DateForm, SearchForm } from './search-form.tsx';

type FoundOutcome = Extract<SearchOutcome, { kind: 'found' }>;

interface FoundProps {
  query: SearchQuery;
  found: FoundOutcome;
}

/** What was found, or that nothing was. */
export function Found({ query, found }: FoundProps) {
  const rail = {
    label: 'Narrow the results',
    summary: 'Narrow by source, tag, date; alert',
    content: <Rail query={query} found={found} />,
  };
  return (
    <Page
      section="search"
      query={query.q}
      rail={rail}
      head={
        <>
          <Heading query={query} found={found} />
          <SearchForm query={query} />
          <Notes query={query} found={found} />
          <Bar query={query} found={found} />
        </>
      }
    >
      <div className="list excerpts">
        {found.hits.map((hit) => (
          <Hit key={hit.post.id} hit={hit} />
        ))}
        {found.total === 0 ? <Nothing query={query} /> : <Pager query={query} found={found} />}
      </div>
    </Page>
  );
}

function Heading({ query: { q }, found: { total, isPartial } }: FoundProps) {
  const posts =
    total >= SEARCH_HITS_MAX ? `${writeNumber(total)} posts or more` : count(total, 'post');
  if (q === '') return <h1>{total === 0 ? 'No posts' : posts}</h1>;
  const words = isPartial ? 'No post with all of' : `${total === 0 ? 'No posts' : posts} with`;
  return (
    <h1>
      <span className="of">{words}</span> {q}
    </h1>
  );
}

/** What the reader should know about how this was searched. */
function Notes({ query, found }: FoundProps) {
  return (
    <>
      {found.isPartial ? (
        <p className="lede">{count(found.total, 'post has', 'posts have')} some of these words.</p>
      ) : null}
      <AnswerNote answeredBy={found.answeredBy} />
      <FaultNote query={query.q} fault={found.fault} />
      <Chosen query={query} found={found} />
    </>
  );
}

/** What the search is narrowed to, each with the way out of it. */
function Chosen({ query, found }: FoundProps) {
  const nameIn = (facets: Facet[], slug: string) =>
    facets.find((facet) => facet.slug === slug)?.name ?? slug;
  const chosen: { says: string; without: SearchQuery }[] = [];
  const { tag, source, from, to } = query;
  if (tag) {
    const without = changeSearch(query, { tag: undefined });
    chosen.push({ says: `tagged ${nameIn(found.tags, tag)}`, without });
  }
  if (source) {
    const without = changeSearch(query, { source: undefined });
    chosen.push({ says: `from ${nameIn(found.sources, source)}`, without });
  }
  if (from) {
    chosen.push({ says: `since ${from}`, without: changeSearch(query, { from: undefined }) });
  }
  if (to) chosen.push({ says: `until ${to}`, without: changeSearch(query, { to: undefined }) });
  if (chosen.length === 0) return null;
  return (
    <ul className="chosen" aria-label="Narrowed to">
      {chosen.map(({ says, without }) => (
        <li key={says}>
          Only {says} <a href={searchPath(without)}>all again</a>
        </li>
      ))}
    </ul>
  );
}

function Bar({ query, found }: FoundProps) {
  if (query.q === '' || found.total < 2) return null;
  const { order, page: _, ...best } = query;
  return (
    <div className="bar">
      <nav className="views" aria-label="Order">
        <a href={searchPath(best)} aria-current={order ? undefined : 'true'}>
          Best match
        </a>
        <a
          href={searchPath({ ...best, order: 'newest' })}
          aria-current={order ? 'true' : undefined}
        >
          Newest
        </a>
      </nav>
    </div>
  );
}

function Rail({ query, found }: FoundProps) {
  const alert = searchAlertQuery(query);
  return (
    <>
      <Narrow title="Source" name="source" query={query} facets={found.sources} />
      <Narrow title="Tag" name="tag" query={query} facets={found.tags} />
      <section>
        <h2>Date</h2>
        <DateForm query={query} />
      </section>
      <section>
        <h2>Keep this search</h2>
        <p className="row">
          {alert === undefined ? null : <a href={alertPath(alert)}>By mail</a>}
          <a href={searchFeedPath(query, 'xml')}>RSS</a>
        </p>
      </section>
    </>
  );
}

interface NarrowProps {
  title: string;
  name: 'tag' | 'source';
  query: SearchQuery;
  facets: Facet[];
}

function Narrow({ title, name, query, facets }: NarrowProps) {
  if (facets.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul className="plain">
        {facets.map((facet) => (
          <li key={facet.slug}>
            <a
              className={name === 'tag' ? 't' : undefined}
              style={name === 'tag' ? hueStyle(facet.slug) : undefined}
              href={searchPath(changeSearch(query, { [name]: facet.slug }))}
              aria-current={query[name] === facet.slug ? 'true' : undefined}
              rel="nofollow"
            >
              {facet.name}
            </a>
            <span className="n">{writeNumber(facet.posts)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hit({ hit: { post, title, passage } }: { hit: SearchHit }) {
  const lang = post.language ?? undefined;
  return (
    <article className="post">
      <h2 lang={lang} dir="auto">
        <a href={postPath(post)}>
          <Marked text={title} />
        </a>
      </h2>
      <ByLine post={post} />
      <Meta post={post} />
      {passage.length > 0 ? (
        <div className="body" lang={lang} dir="auto">
          <p>
            <Marked text={passage} />
          </p>
        </div>
      ) : null}
      <TagList tags={post.tags} />
    </article>
  );
}

function Nothing({ query }: { query: SearchQuery }) {
  const alert = searchAlertQuery(query);
  const isNarrowed = Boolean(query.tag ?? query.source ?? query.from ?? query.to);
  return (
    <div className="post">
      <p className="q aside">
        {isNarrowed && query.q !== '' ? (
          <>
            Nothing here matches. <a href={searchPath({ q: query.q })}>Search all posts for it</a>,
            or try other words.
          </>
        ) : (
          'Nothing matches. Fewer or other words may find more.'
        )}
      </p>
      {alert === undefined ? null : (
        <p className="q aside">
          <a href={alertPath(alert)}>Get a mail when such a post appears</a>
        </p>
      )}
    </div>
  );
}

function Pager({ query, found: { hits, total, page, pages } }: FoundProps) {
  const first = (page - 1) * SEARCH_PAGE_HITS + 1;
  const path = (number: number) => searchPath({ ...query, page: number });
  return (
    <nav className="pager" aria-label="Pages">
      <span className="q">
        {hits.length === 0
          ? `There are ${count(pages, 'page')} only`
          : `${writeNumber(first)} to ${writeNumber(first + hits.length - 1)} of ${writeNumber(total)}`}
      </span>
      <span className="row">
        {page > 1 ? (
          <a href={path(Math.min(page - 1, pages))} rel="prev">
            Results before
          </a>
        ) : null}{' '}
        {page < pages ? (
          <a href={path(page + 1)} rel="next">
            More results
          </a>
        ) : null}
      </span>
    </nav>
  );
}
