import type { TagProposal } from '../../../lib/model/tag.ts';
import type { TagRow } from '../../../lib/queries/tag-log.ts';
import { TagLink } from '../../_components/tag-mark.tsx';

const number = (posts: number) => posts.toLocaleString('en');

/** Proposed merges, each with its evidence and the two answers. */
export function Proposals({ proposals }: { proposals: TagProposal[] }) {
  if (proposals.length === 0) {
    return <p className="q">None at present. Once a day all tags are looked through.</p>;
  }
  return (
    <ul className="wrong proposals">
      {proposals.map((proposal) => (
        <Proposal key={proposal.id} {...proposal} />
      ))}
    </ul>
  );
}

function Proposal({ id, from, into, reason }: TagProposal) {
  const path = `/admin/tags/proposals/${id}`;
  const what = `${from.name} into ${into.name}`;
  return (
    <li>
      <div>
        <p>
          <TagLink tag={from} /> <span className="q">{number(from.posts)}</span> into{' '}
          <TagLink tag={into} /> <span className="q">{number(into.posts)}</span>
        </p>
        <p className="help">{reason}</p>
      </div>
      <div className="asks">
        <form method="post" action={`${path}/accept`}>
          <button type="submit" className="btn two" aria-label={`Merge ${what}`}>
            Merge
          </button>
        </form>
        <form method="post" action={`${path}/reject`}>
          <button
            type="submit"
            className="btn two"
            aria-label={`Keep apart ${from.name} and ${into.name}`}
          >
            Keep apart
          </button>
          <input
            name="reason"
            maxLength={300}
            placeholder="why, if you like"
            aria-label={`Why ${from.name} and ${into.name} stay apart`}
            autoComplete="off"
          />
        </form>
      </div>
    </li>
  );
}

/** Tags that stand nowhere, each to be shown again. */
export function HiddenTags({ tags }: { tags: TagRow[] }) {
  if (tags.length === 0) return <p className="q">None.</p>;
  return (
    <div className="wide">
      <table className="dense">
        <caption className="vh">Hidden tags, the largest first</caption>
        <thead>
          <tr>
            <th scope="col">Tag</th>
            <th scope="col">Hidden by</th>
            <th scope="col" className="num">
              Posts
            </th>
            <th scope="col">
              <span className="vh">Do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tags.map(({ slug, name, judgedBy, posts }) => (
            <tr key={slug}>
              <th scope="row">{name}</th>
              <td>{judgedBy === 'rule' ? 'rule' : 'operator'}</td>
              <td className="num">{number(posts)}</td>
              <td className="asks">
                <form method="post" action="/admin/tags/change">
                  <input type="hidden" name="name" value={slug} />
                  <button
                    type="submit"
                    name="wish"
                    value="show"
                    className="btn two"
                    aria-label={`Show ${name} again`}
                  >
                    Show
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
