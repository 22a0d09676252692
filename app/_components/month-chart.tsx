import type { MonthCount } from '../../lib/model/tag.ts';
import { hueStyle } from './tag-mark.tsx';
import { count, monthName, writeMonth } from './text.ts';

const YEARS_MAX = 3;
const ROW_HEIGHT = 54;
const BAR_HEIGHT = 34;
const LEFT = 34;
const STEP = 17;

interface MonthChartProps {
  slug: string;
  /** The list's address; months hang below it. */
  path: string;
  /** Oldest first; at least one. */
  months: MonthCount[];
}

/** Posts a month: a year a row, the number under its bar, both one link to the month. */
export function MonthChart({ slug, path, months }: MonthChartProps) {
  const byMonth = new Map(months.map((each) => [each.month, each.posts]));
  const newest = months.at(-1)?.month ?? '';
  const years = [...new Set(months.map((each) => each.month.slice(0, 4)))].sort().reverse();
  const shown = years.slice(0, YEARS_MAX);
  const most = Math.max(1, ...months.map((each) => each.posts));
  const first = months[0]?.month ?? '';
  return (
    <>
      <figure>
        <svg
          viewBox={`0 0 240 ${14 + shown.length * ROW_HEIGHT}`}
          width="240"
          style={{ ...hueStyle(slug), maxWidth: '100%' }}
          role="group"
          aria-label="Posts a month, each a link to its month"
        >
          {Array.from({ length: 12 }, (_, i) => (
            <text
              // biome-ignore lint/suspicious/noArrayIndexKey: the months of a year never move.
              key={i}
              x={LEFT + STEP * (i + 0.5)}
              y="9"
              textAnchor="middle"
              aria-hidden="true"
            >
              {monthName(i + 1)[0]}
            </text>
          ))}
          {shown.map((year, row) => (
            <YearRow key={year} {...{ year, row, path, byMonth, most, newest, first }} />
          ))}
        </svg>
      </figure>
      {years.length > shown.length ? <p>Earlier posts, from {writeMonth(first)}</p> : null}
    </>
  );
}

interface YearRowProps {
  year: string;
  row: number;
  path: string;
  byMonth: Map<string, number>;
  most: number;
  newest: string;
  first: string;
}

function YearRow({ year, row, path, byMonth, most, newest, first }: YearRowProps) {
  const bottom = 14 + row * ROW_HEIGHT + BAR_HEIGHT;
  const months = Array.from({ length: 12 }, (_, i) => `${year}-${String(i + 1).padStart(2, '0')}`);
  return (
    <>
      <text x="0" y={bottom + 12.5}>
        {year}
      </text>
      <line className="rule" x1={LEFT} x2="238" y1={bottom + 0.5} y2={bottom + 0.5} />
      {months.map((month, i) => {
        if (month < first || month > newest) return null;
        const posts = byMonth.get(month) ?? 0;
        const height = Math.round((posts / most) * (BAR_HEIGHT - 4) * 10) / 10;
        const x = LEFT + STEP * i;
        const label = `${writeMonth(month)}: ${count(posts, 'post')}`;
        const bar = (
          <>
            <title>{label}</title>
            <rect x={x} y={bottom - BAR_HEIGHT} width={STEP} height="50" fill="transparent" />
            <rect className="b" x={x + 3} y={bottom - height} width="11" height={height} />
            {posts > 0 ? (
              <rect className="k" x={x + 3} y={bottom - height} width="11" height="1.5" />
            ) : null}
            <text x={x + STEP / 2} y={bottom + 12.5} textAnchor="middle">
              {posts}
            </text>
          </>
        );
        const isNow = month === newest ? 'now' : undefined;
        return posts > 0 ? (
          <a
            key={month}
            href={`${path}/${month.replace('-', '/')}`}
            aria-label={label}
            className={isNow}
          >
            {bar}
          </a>
        ) : (
          <g key={month} aria-hidden="true">
            {bar}
          </g>
        );
      })}
    </>
  );
}
