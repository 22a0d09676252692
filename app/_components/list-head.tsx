import { config } from '../../lib/config.ts';
import type { ListAddress } from '../../lib/model/list-address.ts';
import { listPath } from '../../lib/model/list-address.ts';
import { FAILING_DAYS_TOLD } from '../../lib/model/notice.ts';
import type { SourceSummary } from '../../lib/queries/sources.ts';
import type { ListHead } from '../_data/lists.ts';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { Day } from './post.tsx';
import { SourceRail } from './source-rail.tsx';
import { hueStyle, TagCounts } from './tag-mark.tsx';
import { count, writeMonth, writeNumber } from './text.ts';

type Found = Exclude<ListHead, { kind: 'none' | 'alias' }>;
type OfTag = Extract<ListHead, { kind: 'tag' }>;

/** A list's name for titles and feeds, and a sentence about it. */
export function listTitle(
  head: Found,
  address: Pick<ListAddress, 'month'>,
): { title: string; description: string } {
  const { siteTitle } = config();
  const when = address.month === 'all' ? '' : `, ${writeMonth(address.month)}`;
  switch (head.kind) {
    case 'latest':
      return {
        title: address.month === 'all' ? siteTitle : `Posts of ${writeMonth(address.month)}`,
        description: `The newest posts of ${count(head.sources.length, 'source')} on ${siteTitle}.`,
      };
    case 'tag':
      return {
        title: `Tag Archives: ${head.summary.name}${when}`,
        description: `${count(head.summary.posts, 'post')} tagged ${head.summary.name}, from blogs and news sites.`,
      };
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
export function ListHeading({ head, address }: { head: Found; address: ListAddress }) {
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
          <p className="lede">{describeTag(head)}</p>
        </>
      );
    case 'source':
      return (
        <>
          <h1>
            {head.source.title}
            {month}
          </h1>
          <SourceLede source={head.source} />
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
          </p>
        </>
      );
  }
}

function describeTag({ summary }: OfTag): string {
  const since = summary.firstAt === null ? '' : ` since ${writeMonth(summary.firstAt.slice(0, 7))}`;
  return `${count(summary.posts, 'post')} from ${count(summary.sources, 'source')}${since}.`;
}

function SourceLede({ source }: { source: SourceSummary }) {
  return (
    <>
      <p className="lede">
        {source.description ? `${source.description} ` : ''}
        {source.siteUrl ? <a href={source.siteUrl}>{new URL(source.siteUrl).host}</a> : null}
      </p>
      {source.errorCount > 0 ? (
        <p className="lede">
          <span className="bad">Not reached</span>{' '}
          {source.errorSince ? (
            <>
              since <Day iso={source.errorSince} />
            </>
          ) : null}
          : {source.errorText}. {goingOn(source)}; posts from before stay here.
        </p>
      ) : null}
    </>
  );
}

/** What comes of a source that is not reached. */
function goingOn({ status, failsForLong }: SourceSummary): string {
  if (status === 'gone') return 'We ask no more';
  if (status === 'paused') return 'It is not read at present';
  return failsForLong
    ? `After ${FAILING_DAYS_TOLD} days the operator was told, and we try once a week`
    : 'We go on trying';
}

/** The rail beside a list: months, neighbours, feeds, alert. */
export function listRail(head: Found) {
  switch (head.kind) {
    case 'latest':
      return {
        label: 'About this list',
        summary: 'Tags, sources, feeds',
        content: (
          <>
            {head.tags.length > 0 ? (
              <section>
                <h2>Often used tags</h2>
                <TagCounts tags={head.tags} />
              </section>
            ) : null}
            <Sources sources={head.sources} />
            <ListFeeds path="" />
          </>
        ),
      };
    case 'tag':
      return {
        label: 'About this list',
        summary: 'Months, related tags, feeds, alert',
        content: <TagRail head={head} />,
      };
    case 'source':
      return {
        label: 'About this source',
        summary: 'Months, address, feeds',
        content: <SourceRail source={head.source} months={head.months} />,
      };
    case 'author':
      return {
        label: 'About this author',
        summary: 'Feeds',
        content: <ListFeeds path={`/author/${head.author.slug}`} />,
      };
  }
}

const SOURCES_SHOWN = 8;

function Sources({ sources }: { sources: SourceSummary[] }) {
  const busy = [...sources].sort((a, b) => b.posts - a.posts).slice(0, SOURCES_SHOWN);
  if (busy.length === 0) return null;
  return (
    <section>
      <h2>From</h2>
      <ul className="plain">
        {busy.map((source) => (
          <li key={source.slug}>
            <a href={`/source/${source.slug}`}>{source.title}</a>
            <span className="n">{writeNumber(source.posts)}</span>
          </li>
        ))}
      </ul>
      {sources.length > busy.length ? (
        <p>
          <a href="/sources">All {sources.length} sources</a>
        </p>
      ) : null}
    </section>
  );
}

function TagRail({ head: { summary } }: { head: OfTag }) {
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
          <TagCounts tags={summary.related} />
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
          <ul className="plain">
            {summary.topSources.map((source) => (
              <li key={source.slug}>
                <a href={`/source/${source.slug}`}>{source.title}</a>
                <span className="n">{writeNumber(source.posts)}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section>
        <h2>By mail</h2>
        <p>
          <a href={`/alerts?query=${encodeURIComponent(alertWords(summary.name))}`}>
            Get an alert for {summary.name}
          </a>
        </p>
      </section>
      <ListFeeds path={path} />
    </>
  );
}

/** A name of several words is watched for as a phrase. */
const alertWords = (name: string) => (/\s/u.test(name) ? `"${name.replaceAll('"', '')}"` : name);
