import type { Metadata } from 'next';
import { unreachable } from '../../lib/errors.ts';
import type { SearchQuery } from '../../lib/model/search.ts';
import { isBlank, type Parameters, readSearchAddress } from '../../lib/model/search-address.ts';
import { isSearchOn, searchPosts } from '../../lib/queries/search.ts';
import { Page } from '../_components/shell.tsx';
import { Found } from './found.tsx';
import { SearchForm } from './search-form.tsx';

// Search is always as fresh as the index: nothing of it is kept.

/** Rendered for each request, whole: a reader without JavaScript has all of it. */
export const instant = false;

interface Props {
  searchParams: Promise<Parameters>;
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { q } = readSearchAddress(await searchParams);
  return {
    title: q === '' ? 'Search' : `${q} – search`,
    // Results are lists of what stands elsewhere; there is no end of them.
    robots: { index: false, follow: true },
  };
}

export default async function SearchPage({ searchParams }: Props) {
  const query = readSearchAddress(await searchParams);
  if (isBlank(query)) return isSearchOn() ? <Start /> : <Off />;
  const outcome = await searchPosts(query);
  switch (outcome.kind) {
    case 'found':
      return <Found query={query} found={outcome} />;
    case 'invalid':
      return <Invalid query={query} message={outcome.message} />;
    case 'off':
      return <Off />;
    case 'unavailable':
      return <Unavailable query={query} />;
    default:
      return unreachable(outcome);
  }
}

function Start() {
  return (
    <Page section="search" head={<h1>Search</h1>}>
      <div className="list">
        <SearchForm query={{ q: '' }} isMain />
        <p className="help aside">
          Titles, tags, authors, sources and texts are searched, and small slips of typing are
          forgiven. Put a <code>&quot;phrase&quot;</code> in quotes to find it as it stands, and a
          minus before a <code>-word</code> to leave it out.
        </p>
      </div>
    </Page>
  );
}

function Invalid({ query, message }: { query: SearchQuery; message: string }) {
  const { from: _from, to: _to, ...rest } = query;
  return (
    <Page section="search" query={query.q} head={<h1>This cannot be searched</h1>}>
      <div className="list">
        <p className="aside">
          <span className="bad">Date not understood.</span> {message}
        </p>
        <SearchForm query={rest} isMain hasDates />
      </div>
    </Page>
  );
}

function Off() {
  return (
    <Page
      section="search"
      head={
        <>
          <h1>Search is switched off</h1>
          <p className="lede">
            This site runs without its search server. The posts are all here: look through{' '}
            <a href="/tags">all tags</a> or <a href="/sources">all sources</a>, or read{' '}
            <a href="/">the newest</a>.
          </p>
        </>
      }
    >
      <div className="list">
        <p className="help aside">
          Whoever runs this site switches search on with a Meilisearch server: its address goes into{' '}
          <code>MEILI_URL</code> and its key into <code>MEILI_KEY</code>. The posts that are stored
          are then indexed by themselves.
        </p>
      </div>
    </Page>
  );
}

function Unavailable({ query }: { query: SearchQuery }) {
  return (
    <Page
      section="search"
      query={query.q}
      head={
        <>
          <h1>Search is away for the moment</h1>
          <p className="lede">
            The search server does not answer. Nothing is lost; try again in a minute, or look
            through <a href="/tags">all tags</a> and <a href="/sources">all sources</a> meanwhile.
          </p>
        </>
      }
    >
      <div className="list">
        <SearchForm query={query} isMain />
      </div>
    </Page>
  );
}
