import { config } from '../../lib/config.ts';
import type { ListAddress } from '../../lib/model/list-address.ts';
import { describeTerms, namesOf } from '../../lib/model/tag-algebra.ts';
import type { BusySource } from '../../lib/queries/sources.ts';
import type { FoundHead } from '../_data/lists.ts';
import { AuthorRail } from './company.tsx';
import { ListFeeds } from './list-feeds.tsx';
import {
  AuthorMonth,
  AuthorUse,
  MonthLede,
  SourceLede,
  TagLede,
  TermsLede,
} from './list-ledes.tsx';
import { MonthIndex } from './month-index.tsx';
import { SourceRail } from './source-rail.tsx';
import { hueStyle, NameCounts, TagCounts } from './tag-mark.tsx';
import { TagRail, TermsRail } from './tag-rail.tsx';
import { TermList } from './tag-terms.tsx';
import { count, writeMonth, writeNumber } from './text.ts';

/** A list's name for titles and feeds, and a sentence about it. */
export function listTitle(
  head: FoundHead,
  address: Pick<ListAddress, 'month'>,
): { title: string; description: string } {
  const { siteTitle } = config();
  const when = address.month === 'all' ? '' : `, ${writeMonth(address.month)}`;
  switch (head.kind) {
    case 'latest':
      return {
        title: address.month === 'all' ? siteTitle : `Posts of ${writeMonth(address.month)}`,
        description: `The newest posts of ${count(head.sources, 'source')} on ${siteTitle}.`,
      };
    case 'tag':
      return {
        title: `Tag Archives: ${head.summary.name}${when}`,
        description: `${count(head.summary.posts, 'post')} tagged ${head.summary.name}, from blogs and news sites.`,
      };
    case 'tags': {
      const terms = describeTerms(namesOf(head.tags));
      return { title: `Tag Archives: ${terms}${when}`, description: `Posts tagged ${terms}.` };
    }
    case 'source':
      return {
        title: `${head.source.title}${when}`,
        description: head.source.description ?? `The posts of ${head.source.title}.`,
      };
    case 'author':
      return {
        title: `${head.author.name}${when}`,
        description: `Posts by ${head.author.name} in ${head.author.source.title}.`,
      };
  }
}

/** The h1 of a list and the line below it. */
export function ListHeading({ head, address }: { head: FoundHead; address: ListAddress }) {
  const month =
    address.month === 'all' ? null : <span className="of">, {writeMonth(address.month)}</span>;
  switch (head.kind) {
    case 'latest':
      return (
        <h1>
          {address.month === 'all' ? 'Newest posts' : `Posts of ${writeMonth(address.month)}`}
        </h1>
      );
    case 'tag':
      return (
        <>
          <h1>
            <span className="of">Tag Archives:</span>{' '}
            <span className="t" style={hueStyle(head.summary.slug)}>
              {head.summary.name}
            </span>
            {month}
          </h1>
          {address.month === 'all' ? (
            <TagLede summary={head.summary} />
          ) : (
            <MonthLede
              month={address.month}
              months={head.summary.months}
              posts={head.summary.posts}
            />
          )}
        </>
      );
    case 'tags':
      return (
        <>
          <h1>
            <span className="of">Tag Archives:</span> {describeTerms(namesOf(head.tags))}
            {month}
          </h1>
          <TermsLede company={head.company} />
          <TermList tags={head.tags} view={address.view} />
        </>
      );
    case 'source':
      return (
        <>
          <h1>
            {head.source.title}
            {month}
          </h1>
          {address.month === 'all' ? (
            <SourceLede source={head.source} />
          ) : (
            <MonthLede month={address.month} months={head.months} posts={head.source.posts} />
          )}
        </>
      );
    case 'author':
      return (
        <>
          <h1>
            {head.author.name}
            {month}
          </h1>
          <p className="lede">
            in <a href={`/source/${head.author.source.slug}`}>{head.author.source.title}</a>
            {address.month === 'all' ? (
              <>
                : <AuthorUse company={head.company} />
              </>
            ) : (
              <AuthorMonth month={address.month} company={head.company} />
            )}
          </p>
        </>
      );
  }
}

/** The rail beside a list: months, neighbours, feeds, alert. */
export function listRail(head: FoundHead, address: ListAddress) {
  switch (head.kind) {
    case 'latest':
      return {
        label: 'About this list',
        summary: 'Months, tags, sources, feeds, alert',
        content: (
          <>
            {head.tags.length > 0 ? (
              <section>
                <h2>Often used tags</h2>
                <TagCounts tags={head.tags} />
              </section>
            ) : null}
            <Sources {...head} />
            <MonthIndex months={head.months} address={address} />
            <section>
              <h2>By mail</h2>
              <p>
                <a href="/alerts">Get an alert for words, tags or sources</a>
              </p>
            </section>
            <ListFeeds address={address} />
          </>
        ),
      };
    case 'tag':
      return {
        label: 'About this list',
        summary: 'Months, related tags, feeds, alert',
        content: <TagRail {...head} address={address} />,
      };
    case 'tags':
      return {
        label: 'About this list',
        summary: 'Months, related tags, feeds, alert',
        content: <TermsRail {...head} address={address} />,
      };
    case 'source':
      return {
        label: 'About this source',
        summary: 'Months, tags, authors, address, feeds',
        content: <SourceRail {...head} address={address} />,
      };
    case 'author':
      return {
        label: 'About this author',
        summary: 'Months, tags, feeds',
        content: <AuthorRail {...head} address={address} />,
      };
  }
}

function Sources({ busy, sources }: { busy: BusySource[]; sources: number }) {
  if (busy.length === 0) return null;
  return (
    <section>
      <h2>Lately from</h2>
      <NameCounts list="source" names={busy} />
      {sources > busy.length ? (
        <p>
          <a href="/sources">All {writeNumber(sources)} sources</a>
        </p>
      ) : null}
    </section>
  );
}
