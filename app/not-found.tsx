import { Page } from './_components/shell.tsx';

/** The answer to an address that is none. */
export default function NotFound() {
  return (
    <Page
      head={
        <>
          <h1>Nothing at this address</h1>
          <p className="lede">
            There is no page here. It may be a slip of the pen, or a tag, source or post that has
            been removed.
          </p>
        </>
      }
    >
      <div className="list">
        <form className="field" role="search" aria-label="Search for it" action="/search">
          <label htmlFor="q404">Search for it</label>
          <div className="inline">
            <input id="q404" name="q" type="search" />
            <button className="btn" type="submit">
              Search
            </button>
          </div>
        </form>
        <p className="q aside">
          Or look through <a href="/tags">all tags</a> and <a href="/sources">all sources</a>. If a
          link on this site led here, it is our mistake.
        </p>
      </div>
    </Page>
  );
}
