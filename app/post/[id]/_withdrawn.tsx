import type { Metadata } from 'next';
import { STATUS_META } from '../../../lib/model/list-address.ts';
import { Page } from '../../_components/shell.tsx';

// What every address of a withdrawn post answers.

/** lib/serve/front.ts answers a page with this status. */
export const WITHDRAWN: Metadata = {
  title: 'Withdrawn',
  robots: { index: false },
  other: { [STATUS_META]: '410' },
};

export function Withdrawn() {
  return (
    <Page
      head={
        <>
          <h1>This post was withdrawn</h1>
          <p className="lede">
            Its publisher, or whoever runs this site, has taken it back. It is gone from all lists,
            feeds and the search.
          </p>
        </>
      }
    >
      <p className="list">
        <a href="/">To the newest posts</a>
      </p>
    </Page>
  );
}
