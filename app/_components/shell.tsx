import type { ReactNode } from 'react';
import { config } from '../../lib/config.ts';

/** The part of the site that a page belongs to; marked in the head. */
type Section = 'search' | 'tags' | 'sources' | 'alerts';

interface ShellProps {
  section?: Section;
  /** What the search field holds already. */
  query?: string;
  /** Where the skip link leads, past what stands before it; without it, to the main part. */
  skipTo?: { id: string; label: string };
  children: ReactNode;
}

const SECTIONS: [Section, string, string][] = [
  ['search', '/search', 'Search'],
  ['tags', '/tags', 'Tags'],
  ['sources', '/sources', 'Sources'],
  ['alerts', '/alerts', 'Alerts'],
];

/** The head and foot that every page has. */
function Shell({ section, query, skipTo, children }: ShellProps) {
  const { id, label } = skipTo ?? { id: 'main', label: 'To the content' };
  return (
    <>
      <a className="skip" href={`#${id}`}>
        {label}
      </a>
      <header className="top">
        <div className="in">
          <a className="name" href="/">
            {config().siteTitle}
          </a>
          <form role="search" action="/search">
            <label className="vh" htmlFor="q">
              Search all posts
            </label>
            <input
              id="q"
              name="q"
              type="search"
              placeholder="Search all posts"
              defaultValue={query}
            />
          </form>
          <nav aria-label="Main">
            {SECTIONS.map(([name, href, label]) => (
              <a
                key={name}
                href={href}
                className={name === 'search' ? 'sm' : undefined}
                aria-current={name === section ? 'page' : undefined}
              >
                {label}
              </a>
            ))}
          </nav>
        </div>
      </header>
      {children}
      <Foot />
    </>
  );
}

function Foot() {
  return (
    <footer className="foot">
      <div className="in">
        <p>
          {config().siteTitle} shows what blogs and news sites publish, each post with a link to its
          original. <a href="/bot">How our fetcher behaves, and how to opt out</a>.
        </p>
        <ul className="plain">
          <li>
            <a href="/about">About</a>
          </li>
          <li>
            <a href="/sources.opml">Sources as OPML</a>
          </li>
          <li className="scripted">
            <a href="/mute">Muted</a>
          </li>
          <li className="scripted">
            <button type="button" name="keys">
              Keys
            </button>
          </li>
        </ul>
        <fieldset className="themes">
          <legend>Theme</legend>
          <button type="button" name="theme" value="">
            System
          </button>
          <button type="button" name="theme" value="light">
            Light
          </button>
          <button type="button" name="theme" value="dark">
            Dark
          </button>
        </fieldset>
      </div>
    </footer>
  );
}

interface PageProps extends ShellProps {
  /** The heading and what stands beside it. */
  head: ReactNode;
  /** Leaves less room above: for pages whose list is what counts. */
  isBrief?: boolean;
  /** What stands in the rail, and the line that opens it on narrow windows. */
  rail?: { label: string; summary: string; content: ReactNode };
  className?: string;
}

/** A page with its heading, its rail (or none) and its content. */
export function Page({ head, isBrief, rail, className, children, ...shell }: PageProps) {
  return (
    <Shell {...shell}>
      <main id="main" className={`${rail ? 'has-rail' : 'plain-page'} ${className ?? ''}`.trim()}>
        <div className="in">
          <div className={isBrief ? 'head brief' : 'head'}>{head}</div>
          {rail ? (
            <aside aria-label={rail.label}>
              <details className="rail">
                <summary>{rail.summary}</summary>
                {rail.content}
              </details>
            </aside>
          ) : null}
          {children}
        </div>
      </main>
    </Shell>
  );
}
