import { searchAlertQuery } from '../../lib/model/query/alert-queries.ts';
import { readForgiven } from '../../lib/model/query/forgiven.ts';
import type { SearchHit, SearchOutcome } from '../../lib/model/search.ts';
import {
  DEFAULT_SEARCH_VIEW,
  SEARCH_HITS_MAX,
  SEARCH_PAGE_HITS,
  SEARCH_VIEWS,
  type SearchQuery,
  type SearchView,
} from '../../lib/model/search.ts';
import { isNarrowed, searchPath } from '../../lib/model/search-address.ts';
import { alertPath } from '../_components/by-mail.tsx';
import { Marked } from '../_components/marked.tsx';
import { muteData } from '../_components/mute.tsx';
import { Body, ByLine, Day, Meta, postPath } from '../_components/post.tsx';
import { Page } from '../_components/shell.tsx';
import { TagList } from '../_components/tag-mark.tsx';
import { count, writeNumber } from '../_components/text.ts';
import { Chosen, Rail } from './narrow.tsx';
import { AnswerNote, FaultNote } from './notes.tsx';
import { SearchForm } from './search-form.tsx';

type FoundOutcome = Extract<SearchOutcome, { kind: 'found' }>;

interface FoundProps {
  query: SearchQuery;
  found: FoundOutcome;
}

/** What was found, or that nothing was. */
export function Found({ query, found }: FoundProps) {
  const rail = {
    label: 'Narrow the results',
    summary: 'Narrow by source, tag, author, date; alert',
    content: <Rail query={query} facets={found.facets} total={found.total} />,
  };
  return (
    <Page
      section="search"
      query={query.q}
      skipTo={{ id: 'results', label: 'To what was found' }}
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
      <div
        className={query.view === undefined ? 'list excerpts' : 'list'}
        id="results"
        tabIndex={-1}
      >
        <Hits hits={found.hits} view={query.view ?? DEFAULT_SEARCH_VIEW} />
        {found.total === 0 ? (
          <Nothing query={query} didYouMean={found.didYouMean} />
        ) : (
          <Pager query={query} found={found} />
        )}
      </div>
    </Page>
  );
}

/** What was found only because slips of typing are forgiven; nothing is said of later pages. */
function forgivenIn({ query, found }: FoundProps) {
  const isFirst = (query.page ?? 1) === 1 && !found.isPartial && found.answeredBy.by === 'index';
  return readForgiven(
    query.q,
    isFirst ? found.hits.flatMap((hit) => [hit.title, hit.passage]) : [],
  );
}

function Heading({ query, found }: FoundProps) {
  const { q } = query;
  const { total, isPartial } = found;
  const posts =
    total >= SEARCH_HITS_MAX ? `${writeNumber(total)} posts or more` : count(total, 'post');
  if (q === '') return <h1>{total === 0 ? 'No posts' : posts}</h1>;
  const like = forgivenIn({ query, found }).words.length > 0 ? ' words like' : '';
  const words = isPartial
    ? 'No post with all of'
    : `${total === 0 ? 'No posts' : posts} with${like}`;
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
        <>
          <DidYouMean query={query} didYouMean={found.didYouMean} />
          <p className="lede">
            {count(found.total, 'post has', 'posts have')} some of these words.
          </p>
        </>
      ) : null}
      <ForgivenNote query={query} found={found} />
      <AnswerNote answeredBy={found.answeredBy} />
      <FaultNote query={query.q} fault={found.fault} />
      <Chosen query={query} facets={found.facets} />
    </>
  );
}

/** That no post has the word as it was typed, and the one that posts have. */
function ForgivenNote({ query, found }: FoundProps) {
  const word = forgivenIn({ query, found }).found;
  if (word === undefined) return null;
  const { page: _, ...asked } = query;
  return (
    <p className="lede">
      No post has it as it is written. Search for{' '}
      <a href={searchPath({ ...asked, q: word })}>{word}</a> alone.
    </p>
  );
}

const VIEW_NAMES: Record<SearchView, string> = {
  headlines: 'Headlines',
  excerpts: 'Passages',
  full: 'Full posts',
};

function Bar({ query, found }: FoundProps) {
  if (found.hits.length === 0) return null;
  const { view: shown = DEFAULT_SEARCH_VIEW, ...asked } = query;
  return (
    <div className="bar">
      <nav className="views" aria-label="Density">
        {SEARCH_VIEWS.map((view) => (
          <a
            key={view}
            href={searchPath(view === DEFAULT_SEARCH_VIEW ? asked : { ...asked, view })}
            aria-current={view === shown ? 'true' : undefined}
          >
            {VIEW_NAMES[view]}
          </a>
        ))}
      </nav>
      <Order query={query} found={found} />
    </div>
  );
}

/** What comes first: the best match, or the newest. */
function Order({ query, found }: FoundProps) {
  if (query.q === '' || found.total < 2) return null;
  const { order, page: _, ...best } = query;
  return (
    <nav className="views" aria-label="Order">
      <a href={searchPath(best)} aria-current={order ? undefined : 'true'}>
        Best match
      </a>
      <a href={searchPath({ ...best, order: 'newest' })} aria-current={order ? 'true' : undefined}>
        Newest
      </a>
    </nav>
  );
}

/** What was found, as dense as the reader wants it. */
function Hits({ hits, view }: { hits: SearchHit[]; view: SearchView }) {
  if (view !== 'headlines') {
    return hits.map((hit) => <Hit key={hit.post.id} hit={hit} isFull={view === 'full'} />);
  }
  return (
    <ol className="rows hits">
      {hits.map(({ post, title }) => (
        <li key={post.id} {...muteData(post)}>
          <Day iso={post.publishedAt ?? post.sortAt} />
          <a className="ttl" href={postPath(post)} lang={post.language ?? undefined} dir="auto">
            <Marked text={title} />
          </a>
          <a className="src" href={`/source/${post.source.slug}`}>
            {post.source.title}
          </a>
        </li>
      ))}
    </ol>
  );
}

interface HitProps {
  hit: SearchHit;
  /** With its text, as far as its publisher lets it be shown, rather than a passage of it. */
  isFull: boolean;
}

function Hit({ hit: { post, title, passage }, isFull }: HitProps) {
  const lang = post.language ?? undefined;
  return (
    <article className="post" {...muteData(post)}>
      <h2 lang={lang} dir="auto">
        <a href={postPath(post)}>
          <Marked text={title} />
        </a>
      </h2>
      <ByLine post={post} />
      <Meta post={post} canMute />
      {isFull ? <Body post={post} level={2} /> : null}
      {!isFull && passage.length > 0 ? (
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

interface NothingProps {
  query: SearchQuery;
  /** What finds something, and may have been meant. */
  didYouMean: string | undefined;
}

function DidYouMean({ query, didYouMean }: NothingProps) {
  if (didYouMean === undefined) return null;
  const { page: _, ...asked } = query;
  return (
    <p>
      Did you mean <a href={searchPath({ ...asked, q: didYouMean })}>{didYouMean}</a>?
    </p>
  );
}

function Nothing({ query, didYouMean }: NothingProps) {
  const alert = searchAlertQuery(query);
  return (
    <div className="post">
      <DidYouMean query={query} didYouMean={didYouMean} />
      <p className="q aside">
        {isNarrowed(query) && query.q !== '' ? (
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
