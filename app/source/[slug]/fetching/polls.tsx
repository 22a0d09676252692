import { describePoll, POLLS_KEPT, writeBytes } from '../../../../lib/model/fetching.ts';
import type { PollLine } from '../../../../lib/queries/fetching.ts';
import { Moment } from '../../../_components/post.tsx';
import { writeNumber } from '../../../_components/text.ts';

/** The last polls of a feed, newest first. */
export function Polls({ polls }: { polls: PollLine[] }) {
  if (polls.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="polls">
      <h2 className="h" id="polls">
        The last polls
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach. */}
      <div className="wide" role="region" aria-labelledby="polls" tabIndex={0}>
        <table className="dense">
          <caption className="vh">Up to {POLLS_KEPT} polls, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Asked</th>
              <th scope="col" className="num">
                Answer
              </th>
              <th scope="col">What it was</th>
              <th scope="col" className="num">
                Received
              </th>
              <th scope="col" className="num">
                Unpacked
              </th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col">How</th>
            </tr>
          </thead>
          <tbody>
            {polls.map((poll) => (
              <tr key={poll.at}>
                <th scope="row">
                  <Moment iso={poll.at} />
                </th>
                <td className="num">{poll.status ?? '–'}</td>
                <td>
                  <span className={poll.errorKind === null ? undefined : 'bad'}>
                    {describePoll(poll)}
                  </span>
                </td>
                <td className="num">{writeBytes(poll.wireBytes)}</td>
                <td className="num">{writeBytes(poll.bodyBytes)}</td>
                <td className="num">{writeNumber(poll.ms)} ms</td>
                <td>
                  {poll.isConditional ? 'if modified' : 'whole'}
                  {poll.requests > 1 ? `, ${poll.requests} requests` : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
