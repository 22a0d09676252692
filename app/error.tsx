'use client';

/** The answer when a page cannot be made: mostly the database is away for a moment. */
export default function PageError({ reset }: { reset: () => void }) {
  return (
    <main id="main" className="plain-page">
      <div className="in">
        <div className="head">
          <h1>This page could not be made just now</h1>
          <p className="lede">
            Something behind it does not answer. Nothing is lost; it usually helps to try again in a
            minute.
          </p>
        </div>
        <p className="list">
          <button className="btn" type="button" onClick={reset}>
            Try again
          </button>{' '}
          <a href="/">To the newest posts</a>
        </p>
      </div>
    </main>
  );
}
