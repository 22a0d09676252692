import { writeBytes } from '../../../../lib/model/fetching.ts';
import { FULL_TEXT_REASONS } from '../../../../lib/model/full-text.ts';
import type { FullTextCounts } from '../../../../lib/queries/full-texts.ts';
import { Moment } from '../../../_components/post.tsx';
import { count } from '../../../_components/text.ts';
import { Pair, Pairs } from './wishes.tsx';

/** What we ask for beside the feed: the pages of its posts, where that is allowed. */
export function PagesRead({ fullText }: { fullText: FullTextCounts | null }) {
  return (
    <Pairs id="pages" heading="Pages of its posts">
      {fullText === null || fullText.hindrance !== null ? (
        <Pair name="Read">never: what the feed gives is shown</Pair>
      ) : (
        <Read fullText={fullText} />
      )}
    </Pairs>
  );
}

function Read({ fullText }: { fullText: FullTextCounts }) {
  const { taken, waiting, left, requests, wireBytes, lastAt } = fullText;
  return (
    <>
      <Pair name="Read">
        that of each new or changed post of which the feed gives an excerpt, for its full text, if{' '}
        <code>robots.txt</code> and the page let us (<a href="/bot">our rules</a>)
      </Pair>
      {lastAt === null ? null : (
        <Pair name="Last asked">
          <Moment iso={lastAt} />
        </Pair>
      )}
      <Pair name="In 30 days">
        {count(requests, 'request')}, {writeBytes(wireBytes)}
      </Pair>
      <Pair name="Full texts shown">{taken.toLocaleString('en')}</Pair>
      {waiting === 0 ? null : <Pair name="Still to be read">{waiting.toLocaleString('en')}</Pair>}
      {left.map(({ reason, posts }) => (
        <Pair key={reason} name="Left as excerpts">
          {posts.toLocaleString('en')}: {FULL_TEXT_REASONS[reason]}
        </Pair>
      ))}
    </>
  );
}
