import { writeBytes, writeShare } from '../../../../lib/model/fetching.ts';
import type { FetchDay } from '../../../../lib/queries/fetching.ts';
import { writeDay, writeNumber } from '../../../_components/text.ts';

const DAYS_SHOWN = 30;
const DAY_MS = 24 * 60 * 60_000;
const STEP = 20;
const BAR_WIDTH = 14;
const BAR_HEIGHT = 64;
const WIDTH = DAYS_SHOWN * STEP;

const sum = (days: FetchDay[], name: Exclude<keyof FetchDay, 'day'>) =>
  days.reduce((total, day) => total + day[name], 0);

/** What the polls of the last days came to: sums, a bar for each day, and the days as a table. */
export function Days({ days }: { days: FetchDay[] }) {
  if (days.length === 0) return null;
  const requests = sum(days, 'requests');
  const polls = sum(days, 'polls');
  const [received, unpacked] = [sum(days, 'wireBytes'), sum(days, 'bodyBytes')];
  const numbers: [value: string, name: string][] = [
    [writeNumber(requests), requests === 1 ? 'request' : 'requests'],
    [writeShare(sum(days, 'notModified'), polls), 'of the polls answered with 304'],
    [writeBytes(received), `received, ${writeBytes(unpacked)} unpacked`],
    [writeNumber(sum(days, 'posts')), 'new posts'],
    [writeNumber(sum(days, 'failures')), 'polls failed'],
    [writeNumber(sum(days, 'retryAfters')), 'times asked to come later, and obeyed'],
  ];
  return (
    <section className="sec" aria-labelledby="days">
      <h2 className="h" id="days">
        The last {DAYS_SHOWN} days
      </h2>
      <ul className="small plain">
        {numbers.map(([value, name]) => (
          <li key={name}>
            <span className="v">{value}</span> <span className="q">{name}</span>
          </li>
        ))}
      </ul>
      <Chart days={days} />
      <details className="days">
        <summary>Day by day</summary>
        <Table days={days} />
      </details>
    </section>
  );
}

/** A bar a day: answers that were needed on top of those that said "not modified". */
function Chart({ days }: { days: FetchDay[] }) {
  const newest = days[0]?.day ?? '';
  const byDay = new Map(days.map((day) => [day.day, day]));
  const most = Math.max(1, ...days.map((day) => day.polls));
  const shown = Array.from({ length: DAYS_SHOWN }, (_, i) =>
    new Date(Date.parse(newest) - (DAYS_SHOWN - 1 - i) * DAY_MS).toISOString().slice(0, 10),
  );
  return (
    <figure className="chart of-days">
      <svg
        viewBox={`0 0 ${WIDTH} ${BAR_HEIGHT + 1}`}
        width={WIDTH}
        style={{ maxWidth: '100%' }}
        role="img"
        aria-label="Polls a day: failed, not modified, and with an answer; the table has the numbers"
      >
        {shown.map((name, i) => {
          const day = byDay.get(name);
          return day && <Bar key={name} day={day} x={STEP * i} scale={BAR_HEIGHT / most} />;
        })}
        <line className="rule" x1="0" x2={WIDTH} y1={BAR_HEIGHT + 0.5} y2={BAR_HEIGHT + 0.5} />
      </svg>
      <figcaption>
        <span className="ends">
          <span>{writeDay(shown[0] ?? newest)}</span>
          <span>{writeDay(newest)}</span>
        </span>
        Polls a day. Lower part: not modified; upper: with an answer; red: failed.
      </figcaption>
    </figure>
  );
}

/** One day. @param scale heights of a poll. */
function Bar({ day, x, scale }: { day: FetchDay; x: number; scale: number }) {
  const { polls, notModified, failures } = day;
  const rect = (className: string, from: number, count: number) => (
    <rect
      className={className}
      x={x + (STEP - BAR_WIDTH) / 2}
      y={BAR_HEIGHT - (from + count) * scale}
      width={BAR_WIDTH}
      height={Math.max(0, count) * scale}
    />
  );
  return (
    <g>
      <title>{`${writeDay(day.day)}: ${polls} polls, ${notModified} not modified, ${failures} failed`}</title>
      {rect('b', 0, notModified)}
      {rect('k', notModified, polls - notModified - failures)}
      {rect('k bad', polls - failures, failures)}
    </g>
  );
}

function Table({ days }: { days: FetchDay[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach.
    <div className="wide" role="region" aria-label="Table of the days" tabIndex={0}>
      <table className="dense">
        <caption className="vh">Polls of each day (UTC), newest first</caption>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {['Polls', 'Requests', '304', 'Failed', 'Received', 'Unpacked', 'New posts'].map(
              (name) => (
                <th key={name} scope="col" className="num">
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">{day.day}</th>
              <td className="num">{day.polls}</td>
              <td className="num">{day.requests}</td>
              <td className="num">{day.notModified}</td>
              <td className="num">{day.failures}</td>
              <td className="num">{writeBytes(day.wireBytes)}</td>
              <td className="num">{writeBytes(day.bodyBytes)}</td>
              <td className="num">{day.posts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
