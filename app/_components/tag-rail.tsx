import type { ListAddress } from '../../lib/model/list-address.ts';
import { tagsQuery } from '../../lib/model/query/alert-queries.ts';
import { slugsOf } from '../../lib/model/tag-algebra.ts';
import type { FoundHead } from '../_data/lists.ts';
import { ByMail } from './by-mail.tsx';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { MuteList } from './mute.tsx';
import { NameCounts } from './tag-mark.tsx';
import { Narrower } from './tag-terms.tsx';
import { writeNumber } from './text.ts';

type OfTag = Extract<FoundHead, { kind: 'tag' }>;

/** What stands beside a tag's archive. */
export function TagRail({ summary, address }: OfTag & { address: ListAddress }) {
  return (
    <>
      {summary.months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart address={address} months={summary.months} />
        </section>
      ) : null}
      {summary.related.length > 0 ? (
        <section>
          <h2>Often together with</h2>
          <Narrower
            terms={{ with: [summary.slug], without: [] }}
            tags={summary.related}
            view={address.view}
          />
          <Sampled summary={summary} />
        </section>
      ) : null}
      {summary.aliases.length > 0 ? (
        <section>
          <h2>Also called</h2>
          <p>{summary.aliases.join(', ')}</p>
        </section>
      ) : null}
      {summary.topSources.length > 0 ? (
        <section>
          <h2>From</h2>
          <NameCounts list="source" names={summary.topSources} />
        </section>
      ) : null}
      {summary.topAuthors.length > 0 ? (
        <section>
          <h2>By</h2>
          <NameCounts list="author" names={summary.topAuthors} />
        </section>
      ) : null}
      <ByMail query={tagsQuery({ with: [summary.slug], without: [] })} of={summary.name} />
      <ListFeeds address={address} />
      <MuteList kind="tags" slug={summary.slug} />
    </>
  );
}

/** What stands beside the list of several tags. */
export function TermsRail({
  tags,
  company: { narrower, months, posts, hasOlder },
  address,
}: Extract<FoundHead, { kind: 'tags' }> & { address: ListAddress }) {
  return (
    <>
      {months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart address={address} months={months} />
          {hasOlder ? <p>Of the newest {writeNumber(posts)} posts</p> : null}
        </section>
      ) : null}
      {narrower.length > 0 ? (
        <section>
          <h2>Often together with</h2>
          <Narrower terms={slugsOf(tags)} tags={narrower} view={address.view} />
        </section>
      ) : null}
      <ByMail query={tagsQuery(slugsOf(tags))} of="this" />
      <ListFeeds address={address} />
    </>
  );
}

/** What these numbers and those below are of, where they are not of all posts. */
function Sampled({ summary: { posts, sampled } }: Pick<OfTag, 'summary'>) {
  return sampled < posts ? <p>Of its newest {writeNumber(sampled)} posts, as below</p> : null;
}
