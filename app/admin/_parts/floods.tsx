import type { FloodRow } from '../../../lib/queries/floods.ts';
import { count, shortTime } from './times.ts';

interface Props {
  floods: FloodRow[];
  timeZone: string;
  now: Date;
}

/** Archives that came at once, for the operator to decide on. */
export function Floods({ floods, timeZone, now }: Props) {
  if (floods.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="floods">
      <h2 className="h" id="floods">
        Held back
      </h2>
      <p className="q">
        Old posts that arrived in a flood. They are in their places, but not among the newest, and
        alert nobody.
      </p>
      <ul className="wrong">
        {floods.map((flood) => (
          <li key={flood.id}>
            <b>{count(flood.posts, 'post')}</b>
            <span>
              {flood.source}, {shortTime(flood.foundAt.toISOString(), timeZone, now)}:{' '}
              {flood.titles.join(' · ')}
              {flood.posts > flood.titles.length ? '…' : ''}
            </span>
            <span className="asks">
              {(['release', 'drop'] as const).map((request) => (
                <form
                  key={request}
                  method="post"
                  action={`/admin/floods/${flood.id}/${request}`}
                  className="inline"
                >
                  <button type="submit" className="btn two">
                    {request === 'release' ? 'Release' : 'Withdraw'}
                  </button>
                </form>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
