import { Page } from '../../_components/shell.tsx';

/** The answer when a page cannot be made: mostly the database is away for a moment. */
export function FailedPage() {
  return (
    <Page
      head={
        <>
          <h1>This page could not be made just now</h1>
          <p className="lede">
            Something behind it does not answer. Nothing is lost; it usually helps to try again in a
            minute.
          </p>
        </>
      }
    >
      <p className="list">
        <a className="btn" href="?">
          Try again
        </a>
      </p>
    </Page>
  );
}
