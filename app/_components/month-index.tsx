import { type ListAddress, listHref } from '../../lib/model/list-address.ts';
import { monthName, writeMonth } from './text.ts';

interface Props {
  /** YYYY-MM, newest first. */
  months: string[];
  address: ListAddress;
}

/** The months of all posts, a line a year. */
export function MonthIndex({ months, address }: Props) {
  if (months.length === 0) return null;
  const years = [...new Set(months.map((month) => month.slice(0, 4)))];
  return (
    <section>
      <h2>Months</h2>
      <dl className="years">
        {years.map((year) => (
          <div key={year}>
            <dt>{year}</dt>
            {months
              .filter((month) => month.startsWith(year))
              .map((month) => (
                <dd key={month}>
                  <a
                    href={listHref({ ...address, month, before: 'newest' })}
                    aria-label={writeMonth(month)}
                    aria-current={month === address.month ? 'page' : undefined}
                  >
                    {monthName(Number(month.slice(5))).slice(0, 3)}
                  </a>
                </dd>
              ))}
          </div>
        ))}
      </dl>
    </section>
  );
}
