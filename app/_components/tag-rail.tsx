import { listPath } from '../../lib/model/list-address.ts';
import { tagsQuery } from '../../lib/model/query/alert-queries.ts';
import { slugsOf } from '../../lib/model/tag-algebra.ts';
import type { FoundHead } from '../_data/lists.ts';
import { ByMail } from './by-mail.tsx';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { MuteList } from './mute.tsx';
import { NameCounts } from './tag-mark.tsx';
import { Narrower, termsPath } from './tag-terms.tsx';
import { writeNumber } from './text.ts';

type OfTag = Extract<FoundHead, { kind: 'tag' }>;

/** What stands beside a tag's archive. */
export function TagRail({ summary }: OfTag) {
  const path = listPath({ scope: 'tag', slug: summary.slug, month: 'all' });
  return (
    <>
      {summary.months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart slug={summary.slug} path={path} months={summary.months} />
        </section>
      ) : null}
      {summary.related.length > 0 ? (
        <section>
          <h2>Often together with</h2>
          <Narrower terms={{ with: [summary.slug], without: [] }} tags={summary.related} />
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
      <ListFeeds path={path} />
      <MuteList kind="tags" slug={summary.slug} />
    </>
  );
}

/** What stands beside the list of several tags. */
export function TermsRail({ tags, narrower }: Extract<FoundHead, { kind: 'tags' }>) {
  return (
    <>
      {narrower.length > 0 ? (
        <section>
          <h2>Often together with</h2>
          <Narrower terms={slugsOf(tags)} tags={narrower} />
        </section>
      ) : null}
      <ByMail query={tagsQuery(slugsOf(tags))} of="this" />
      <ListFeeds path={termsPath(slugsOf(tags))} />
    </>
  );
}

/** What these numbers and those below are of, where they are not of all posts. */
function Sampled({ summary: { posts, sampled } }: Pick<OfTag, 'summary'>) {
  return sampled < posts ? <p>Of its newest {writeNumber(sampled)} posts, as below</p> : null;
}
