import { type ListAddress, listHref } from '../../lib/model/list-address.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import { decodeSlug } from '../_data/slug.ts';
import { hueStyle } from './tag-mark.tsx';
import { count, monthName, writeMonth, writeNumber } from './text.ts';

const BAR_HEIGHT = 34;
const LEFT = 34;
const WIDTH = 204;
/** Beyond this, the table goes on with a sentence: a page is no almanac. */
const TABLE_MONTHS_MAX = 120;

/** How months stand in rows. Figures of three digits would touch in rows of a whole year. */
const LAYOUTS = {
  year: { perRow: 12, rowHeight: 54, rowsMax: 3 },
  half: { perRow: 6, rowHeight: 77, rowsMax: 4 },
} as const;
const HALF_POSTS_MIN = 100;

interface MonthChartProps {
  /** Of the list that is shown: its months hang below it, as dense as it is. */
  address: ListAddress;
  /** Oldest first; at least one. */
  months: MonthCount[];
}

interface Row {
  key: string;
  /** YYYY-MM, in their order. */
  months: string[];
}

/** Rows of months, newest first, down to the one with the first post. */
function rowsOf(months: MonthCount[], perRow: number): Row[] {
  const rowOf = ({ month }: MonthCount) => {
    const [year = '', number = ''] = month.split('-');
    return `${year}-${Math.floor((Number(number) - 1) / perRow)}`;
  };
  return [...new Set(months.map(rowOf))].reverse().map((key) => {
    const [year, part] = key.split('-');
    const first = Number(part) * perRow + 1;
    const numbers = Array.from({ length: perRow }, (_, i) => String(first + i).padStart(2, '0'));
    return { key, months: numbers.map((number) => `${year}-${number}`) };
  });
}

/** Posts a month: the number under its bar, both one link to the month; and all as a table. */
export function MonthChart({ address, months }: MonthChartProps) {
  const most = Math.max(1, ...months.map((each) => each.posts));
  const layout = LAYOUTS[most < HALF_POSTS_MIN ? 'year' : 'half'];
  const rows = rowsOf(months, layout.perRow);
  const shown = rows.slice(0, layout.rowsMax);
  const ends = { first: months[0]?.month ?? '', newest: months.at(-1)?.month ?? '' };
  const byMonth = new Map(months.map((each) => [each.month, each.posts]));
  const hrefOf = monthHref(address);
  return (
    <>
      <figure>
        <svg
          viewBox={`0 0 240 ${14 + shown.length * layout.rowHeight}`}
          className="months"
          style={hueStyle(decodeSlug(address.slug))}
          role="group"
          aria-label="Posts a month, each a link to its month"
        >
          {shown.map((row, i) => (
            <BarRow
              key={row.key}
              {...{ row, hrefOf, byMonth, most, ...ends }}
              shown={address.month}
              top={i * layout.rowHeight}
              hasInitials={layout.perRow < 12 || i === 0}
            />
          ))}
        </svg>
      </figure>
      <MonthTable address={address} months={months} />
    </>
  );
}

/** Where the months of a list are. */
const monthHref = (address: ListAddress) => (month: string) =>
  listHref({ ...address, month, before: 'newest' });

interface BarRowProps {
  row: Row;
  top: number;
  hasInitials: boolean;
  hrefOf: (month: string) => string;
  /** YYYY-MM of the page, or `all`. */
  shown: string;
  byMonth: Map<string, number>;
  most: number;
  newest: string;
  first: string;
}

function BarRow(props: BarRowProps) {
  const { row, top, hasInitials, hrefOf, shown, byMonth, most, newest, first } = props;
  const now = shown === 'all' ? newest : shown;
  const bottom = 14 + top + BAR_HEIGHT;
  const step = WIDTH / row.months.length;
  return (
    <>
      <text x="0" y={bottom + 12.5}>
        {row.key.slice(0, 4)}
      </text>
      <line className="rule" x1={LEFT} x2="238" y1={bottom + 0.5} y2={bottom + 0.5} />
      {row.months.map((month, i) => {
        const x = LEFT + step * i;
        const initial = hasInitials ? (
          <text x={x + step / 2} y={top + 9} textAnchor="middle" aria-hidden="true">
            {monthName(Number(month.slice(5)))[0]}
          </text>
        ) : null;
        if (month < first || month > newest) return <g key={month}>{initial}</g>;
        const posts = byMonth.get(month) ?? 0;
        const height = Math.round((posts / most) * (BAR_HEIGHT - 4) * 10) / 10;
        const label = `${writeMonth(month)}: ${count(posts, 'post')}`;
        const bar = (
          <>
            <title>{label}</title>
            <rect x={x} y={bottom - BAR_HEIGHT} width={step} height="50" fill="transparent" />
            <rect className="b" x={x + 3} y={bottom - height} width={step - 6} height={height} />
            {posts > 0 ? (
              <rect className="k" x={x + 3} y={bottom - height} width={step - 6} height="1.5" />
            ) : null}
            <text x={x + step / 2} y={bottom + 12.5} textAnchor="middle">
              {posts}
            </text>
          </>
        );
        return (
          <g key={month}>
            {initial}
            {posts > 0 ? (
              <a
                href={hrefOf(month)}
                aria-label={label}
                aria-current={month === shown ? 'page' : undefined}
                className={month === now ? 'now' : undefined}
              >
                {bar}
              </a>
            ) : (
              <g aria-hidden="true">{bar}</g>
            )}
          </g>
        );
      })}
    </>
  );
}

/** The same numbers as a table, newest first: for ears, and for months that are not drawn. */
function MonthTable({ address, months }: MonthChartProps) {
  const hrefOf = monthHref(address);
  const newestFirst = [...months].reverse();
  const earlier = newestFirst.slice(TABLE_MONTHS_MAX);
  const posts = earlier.reduce((sum, month) => sum + month.posts, 0);
  return (
    <details className="numbers">
      <summary>{months.length === 1 ? 'As a table' : `All ${months.length} months`}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col">Posts</th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.slice(0, TABLE_MONTHS_MAX).map((each) => (
            <tr key={each.month}>
              <th scope="row">
                <a
                  href={hrefOf(each.month)}
                  aria-current={each.month === address.month ? 'page' : undefined}
                >
                  {writeMonth(each.month)}
                </a>
              </th>
              <td>{writeNumber(each.posts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {posts > 0 ? <p>{count(posts, 'post')} before.</p> : null}
    </details>
  );
}
