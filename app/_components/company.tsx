import type { ListAddress } from '../../lib/model/list-address.ts';
import { authorQuery } from '../../lib/model/query/alert-queries.ts';
import type { ListCompany } from '../../lib/queries/list-company.ts';
import type { FoundHead } from '../_data/lists.ts';
import { ByMail } from './by-mail.tsx';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { NameCounts, TagCounts } from './tag-mark.tsx';
import { writeNumber } from './text.ts';

/** The tags that a source's or author's posts bear, and who wrote them. */
export function Company({
  company: { tags, authors, posts, hasOlder },
  hasAuthors = false,
}: {
  company: ListCompany;
  hasAuthors?: boolean;
}) {
  return (
    <>
      {tags.length > 0 ? (
        <section>
          <h2>Tags</h2>
          <TagCounts tags={tags} />
          {hasOlder ? <p>Of the newest {writeNumber(posts)} posts</p> : null}
        </section>
      ) : null}
      {hasAuthors && authors.length > 1 ? (
        <section>
          <h2>Authors</h2>
          <NameCounts list="author" names={authors} />
          {hasOlder ? <p>Of the newest {writeNumber(posts)} posts</p> : null}
        </section>
      ) : null}
    </>
  );
}

/** What stands beside an author's posts. */
export function AuthorRail({
  author,
  company,
  address,
}: Extract<FoundHead, { kind: 'author' }> & { address: ListAddress }) {
  return (
    <>
      {company.months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart address={address} months={company.months} />
        </section>
      ) : null}
      <Company company={company} />
      <ByMail query={authorQuery(author.name, author.source.slug)} of={author.name} />
      <ListFeeds address={address} />
    </>
  );
}
