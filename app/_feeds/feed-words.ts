import { config } from '../../lib/config.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import { writeMonth } from '../_components/text.ts';

/** What a list's feed is called. @param month YYYY-MM, or `all`. */
export function wordsFor(
  list: ListScope,
  name: string,
  month: string,
): { title: string; description: string } {
  const { siteTitle } = config();
  const when = month === 'all' ? '' : `, ${writeMonth(month)}`;
  const title = list === 'latest' && when === '' ? siteTitle : `${name}${when} – ${siteTitle}`;
  switch (list) {
    case 'latest':
      return when === ''
        ? { title, description: `The newest posts of ${siteTitle}` }
        : {
            title: `Posts of ${writeMonth(month)} – ${siteTitle}`,
            description: `All posts${when}`,
          };
    case 'tag':
      return { title, description: `Posts tagged ${name}${when}` };
    case 'source':
      return { title, description: `Posts syndicated from ${name}${when}` };
    case 'author':
      return { title, description: `Posts by ${name}${when}` };
  }
}
