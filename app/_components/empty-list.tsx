import { describeTerms, namesOf } from '../../lib/model/tag-algebra.ts';
import { PROBES_MAX } from '../../lib/queries/tagged-posts.ts';
import type { FoundHead } from '../_data/lists.ts';
import { writeNumber } from './text.ts';

interface Props {
  head: FoundHead;
  /** There may be older posts. */
  hasOlder: boolean;
}

/** What a list without posts says: what is so, why, and what can be done. */
export function EmptyList({ head, hasOlder }: Props) {
  if (head.kind === 'tags') {
    const terms = describeTerms(namesOf(head.tags));
    return (
      <p className="q">
        {hasOlder
          ? `None of the ${writeNumber(PROBES_MAX)} posts that were looked at for this page are tagged ${terms}. There may be older ones.`
          : `No posts here are tagged ${terms}. Drop a tag to see more.`}
      </p>
    );
  }
  if (head.kind === 'source') return <p className="q">No posts yet.</p>;
  if (head.kind !== 'latest') {
    return <p className="q">No posts at present: those that stood here were withdrawn.</p>;
  }
  if (head.sources === 0) {
    return (
      <div className="post">
        <h2>There are no feeds yet</h2>
        <p className="q aside">
          Whoever runs this site adds them with <code>bin/tagwire feeds add</code>, with{' '}
          <code>bin/tagwire feeds import</code> for a whole list, or on the operator’s page.
        </p>
      </div>
    );
  }
  const { total, some } = head.failing;
  return (
    <div className="post">
      <h2>No posts have come in yet</h2>
      <p className="q aside">
        {total === 0
          ? 'The feeds are being asked for the first time. Posts appear here within a minute or two.'
          : `${writeNumber(total)} of ${writeNumber(head.sources)} feeds could not be read. We go on trying; posts appear here as soon as one answers.`}
      </p>
      {some.length > 0 ? (
        <ul className="wrong aside">
          {some.map((source) => (
            <li key={source.slug}>
              <b>
                <a href={`/source/${source.slug}`}>{source.name}</a>
              </b>
              <span>{source.errorText}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
