import type { Metadata } from 'next';
import { unreachable } from '../../lib/errors.ts';
import type { FeedFormat } from '../../lib/model/list-address.ts';
import { planSearch } from '../../lib/model/query/plan-search.ts';
import type { AnsweredBy, SearchHit, SearchOutcome, SearchQuery } from '../../lib/model/search.ts';
import {
  checkFilters,
  isBlank,
  type Parameters,
  readSearchAddress,
  searchFeedPath,
} from '../../lib/model/search-address.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { FaultPlace } from '../_components/query-fault.tsx';
import { Page } from '../_components/shell.tsx';
import { sizePosts } from '../_data/picture-sizes.ts';
import { Found } from './found.tsx';
import { AnswerNote } from './notes.tsx';
import { SearchForm } from './search-form.tsx';

// Search is always as fresh as the index: nothing of it is kept.

/** Rendered for each request, whole: a reader without JavaScript has all of it. */
export const instant = false;

interface Props {
  searchParams: Promise<Parameters>;
}

/** Whether there is nothing to be found, and nothing to be followed, because of how it is asked. */
const isRefused = (query: SearchQuery) =>
  planSearch(query.q).kind === 'invalid' || checkFilters(query) !== undefined;

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const query = readSearchAddress(await searchParams);
  const { q } = query;
  const title = q === '' ? 'Search' : `${q} – search`;
  const feed = (format: FeedFormat, name: string) => [
    { url: searchFeedPath(query, format), title: `${title} (${name})` },
  ];
  return {
    title,
    ...(isBlank(query) || isRefused(query)
      ? {}
      : {
          alternates: {
            types: {
              'application/rss+xml': feed('xml', 'RSS'),
              'application/atom+xml': feed('atom', 'Atom'),
              'application/feed+json': feed('json', 'JSON'),
            },
          },
        }),
    description:
      q === ''
        ? 'Search the titles, tags, authors, sources and texts of all posts.'
        : `Posts of blogs and news sites with ${q}, best matches first, each with its source.`,
    // Results are lists of what stands elsewhere; there is no end of them.
    robots: { index: false, follow: true },
  };
}

export default async function SearchPage({ searchParams }: Props) {
  const query = readSearchAddress(await searchParams);
  if (isBlank(query)) return <Start />;
  const outcome = await searchPosts(query, { proposes: true, withBody: query.view === 'full' });
  switch (outcome.kind) {
    case 'found':
      return <Found query={query} found={await sized(outcome)} />;
    case 'invalid':
      return <Invalid query={query} outcome={outcome} />;
    case 'too-costly':
      return <TooCostly query={query} answeredBy={outcome.answeredBy} />;
    default:
      return unreachable(outcome);
  }
}

/** With room for the pictures of the posts, where their bodies are shown. */
async function sized<T extends { hits: SearchHit[] }>(found: T): Promise<T> {
  const { posts } = await sizePosts(found.hits.map(({ post }) => post));
  return { ...found, hits: found.hits.map((hit, i) => ({ ...hit, post: posts[i] ?? hit.post })) };
}

function Start() {
  return (
    <Page section="search" head={<h1>Search</h1>}>
      <div className="list">
        <SearchForm query={{ q: '' }} isMain />
        <p className="help aside">
          Titles, tags, authors, sources and texts are searched, and small slips of typing are
          forgiven. Put a <code>&quot;phrase&quot;</code> in quotes to find it as it stands, a minus
          before a <code>-word</code> to leave it out, and <code>tag:</code>, <code>source:</code>,{' '}
          <code>author:</code>, <code>before:</code> or <code>after:</code> to narrow it.{' '}
          <a href="/search/language">All that can be said</a>
        </p>
      </div>
    </Page>
  );
}

interface InvalidProps {
  query: SearchQuery;
  outcome: Extract<SearchOutcome, { kind: 'invalid' }>;
}

/** A day or a language that is none, or a field of the query without sense; the latter with its place. */
function Invalid({ query, outcome: { message, at } }: InvalidProps) {
  const { from: _from, to: _to, lang: _lang, ...rest } = query;
  return (
    <Page section="search" query={query.q} head={<h1>This cannot be searched</h1>}>
      <div className="list">
        {at === undefined ? (
          <p className="aside">
            <span className="bad">Filter not understood.</span> {message}
          </p>
        ) : (
          <div className="aside">
            <p>
              {message} <a href="/search/language">How to write a search</a>
            </p>
            <FaultPlace query={query.q} at={at} />
          </div>
        )}
        <SearchForm query={at === undefined ? rest : query} isMain hasDates={at === undefined} />
      </div>
    </Page>
  );
}

function TooCostly({ query, answeredBy }: { query: SearchQuery; answeredBy: AnsweredBy }) {
  return (
    <Page
      section="search"
      query={query.q}
      head={
        <>
          <h1>This takes too long just now</h1>
          <p className="lede">
            Too many posts would have to be read for it, or too many people search at this moment.
            Rarer or more words are found faster, and so is a span of time:{' '}
            <code>after:2026-05</code>.
          </p>
          <AnswerNote answeredBy={answeredBy} />
        </>
      }
    >
      <div className="list">
        <SearchForm query={query} isMain />
      </div>
    </Page>
  );
}
