import { type ListAddress, listFeedPath } from '../../lib/model/list-address.ts';
import { writeMonth } from './text.ts';

/** The list's own feeds; of a month, those of the whole list as well, which bring what is new. */
export function ListFeeds({ address }: { address: Pick<ListAddress, 'scope' | 'slug' | 'month'> }) {
  return (
    <section>
      <h2>Feeds</h2>
      <FeedRow address={{ ...address, month: 'all' }} />
      {address.month === 'all' ? null : (
        <>
          <p>{writeMonth(address.month)} alone:</p>
          <FeedRow address={address} />
        </>
      )}
    </section>
  );
}

function FeedRow({ address }: Parameters<typeof ListFeeds>[0]) {
  return (
    <p className="row">
      <a href={listFeedPath(address, 'xml')}>RSS</a>
      <a href={listFeedPath(address, 'atom')}>Atom</a>
      <a href={listFeedPath(address, 'json')}>JSON Feed</a>
    </p>
  );
}
