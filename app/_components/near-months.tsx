import { type ListAddress, listHref } from '../../lib/model/list-address.ts';
import { readNearMonths } from '../_data/lists.ts';
import { writeMonth } from './text.ts';

/** From a month of all posts to the ones before and after it. */
export async function NearMonths({ address }: { address: ListAddress }) {
  const { earlier, later } = await readNearMonths(address.month);
  if (earlier === null && later === null) return null;
  const link = (to: string | null, rel: 'prev' | 'next') =>
    to === null ? null : (
      <a href={listHref({ ...address, month: to, before: 'newest' })} rel={rel}>
        {writeMonth(to)}
      </a>
    );
  return (
    <nav className="views" aria-label="Months">
      {link(earlier, 'prev')}
      {link(later, 'next')}
    </nav>
  );
}
