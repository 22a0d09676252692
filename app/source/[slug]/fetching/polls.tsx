import { describePoll, POLLS_KEPT, writeBytes } from '../../../../lib/model/fetching.ts';
import type { PollLine } from '../../../../lib/queries/fetching.ts';
import { Moment } from '../../../_components/post.tsx';
import { writeNumber } from '../../../_components/text.ts';

const COLUMNS: [name: string, isNumber: boolean][] = [
  ['Asked', false],
  ['Answer', true],
  ['What it was', false],
  ['Received', true],
  ['Unpacked', true],
  ['Took', true],
  ['How', false],
];

function Poll({ poll }: { poll: PollLine }) {
  return (
    <tr>
      <th scope="row">
        <Moment iso={poll.at} />
      </th>
      <td className="num">{poll.status ?? '–'}</td>
      <td>
        <span className={poll.errorKind === null ? undefined : 'bad'}>{describePoll(poll)}</span>
      </td>
      <td className="num">{writeBytes(poll.wireBytes)}</td>
      <td className="num">{writeBytes(poll.bodyBytes)}</td>
      <td className="num">{writeNumber(poll.ms)} ms</td>
      <td>
        {poll.isConditional ? 'if modified' : 'whole'}
        {poll.requests > 1 ? `, ${poll.requests} requests` : ''}
      </td>
    </tr>
  );
}

/** The last polls of a feed, newest first. */
export function Polls({ polls }: { polls: PollLine[] }) {
  if (polls.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="polls">
      <h2 className="h" id="polls">
        The last polls
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach. */}
      <div className="wide" role="region" aria-label="Table of the last polls" tabIndex={0}>
        <table className="dense">
          <caption className="vh">Up to {POLLS_KEPT} polls, newest first</caption>
          <thead>
            <tr>
              {COLUMNS.map(([name, isNumber]) => (
                <th key={name} scope="col" className={isNumber ? 'num' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {polls.map((poll) => (
              <Poll key={poll.at} poll={poll} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
