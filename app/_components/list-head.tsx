import { config } from '../../lib/config.ts';
import type { ListAddress } from '../../lib/model/list-address.ts';
import { FAILING_DAYS_TOLD } from '../../lib/model/notice.ts';
import { RHYTHM_DAYS } from '../../lib/model/rhythm.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import { describeTerms, namesOf } from '../../lib/model/tag-algebra.ts';
import type { BusySource, SourceSummary } from '../../lib/queries/sources.ts';
import type { FoundHead } from '../_data/lists.ts';
import { AuthorRail } from './company.tsx';
import { ListFeeds } from './list-feeds.tsx';
import { MonthIndex } from './month-index.tsx';
import { Day } from './post.tsx';
import { SourceRail } from './source-rail.tsx';
import { hueStyle, NameCounts, TagCounts } from './tag-mark.tsx';
import { TagRail, TermsRail } from './tag-rail.tsx';
import { TermList } from './tag-terms.tsx';
import { count, writeMonth, writeNumber } from './text.ts';

type OfTag = Extract<FoundHead, { kind: 'tag' }>;
type OfTerms = Extract<FoundHead, { kind: 'tags' }>;
type OfAuthor = Pick<Extract<FoundHead, { kind: 'author' }>, 'company'>;

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

/** How many posts, from how many sources, and when it was used first and last. */
function TagLede({ summary }: Pick<OfTag, 'summary'>) {
  const { posts, sampled, sources, firstAt, lastAt } = summary;
  const from = sampled < posts ? `, the newest ${writeNumber(sampled)}` : '';
  if (posts === 0) return null;
  return (
    <p className="lede">
      {count(posts, 'post')}
      {from} from {count(sources, 'source')}
      {firstAt && lastAt && posts > 1 ? (
        <>
          ; first used on <Day iso={firstAt} />, last on <Day iso={lastAt} />
        </>
      ) : null}
      {lastAt && posts === 1 ? (
        <>
          {' '}
          on <Day iso={lastAt} />
        </>
      ) : null}
      .
    </p>
  );
}

interface MonthLedeProps {
  /** YYYY-MM. */
  month: string;
  months: MonthCount[];
  /** Of all months. */
  posts: number;
}

/** `3 of 1,204 posts`. */
function ofMonth({ month, months, posts }: MonthLedeProps): string {
  const some = months.find((each) => each.month === month)?.posts ?? 0;
  return `${writeNumber(some)} of ${count(posts, 'post')}`;
}

/** How many of a list's posts are of one month. */
const MonthLede = (props: MonthLedeProps) => <p className="lede">{ofMonth(props)}.</p>;

/** The same of an author, of whom not all months are known where there are very many posts. */
function AuthorMonth({ month, company }: OfAuthor & Pick<MonthLedeProps, 'month'>) {
  const { months, posts } = company;
  return months.length === 0 ? '.' : `: ${ofMonth({ month, months, posts })}.`;
}

/** How many posts bear some tags together, and when they came first and last. */
function TermsLede({ company }: Pick<OfTerms, 'company'>) {
  const { posts, hasOlder, oldestAt, newestAt } = company;
  if (oldestAt === null || newestAt === null) return null;
  return (
    <p className="lede">
      {hasOlder ? `More than ${writeNumber(posts)} posts` : count(posts, 'post')}
      {posts > 1 && !hasOlder ? (
        <>
          ; first on <Day iso={oldestAt} />
        </>
      ) : null}
      {posts > 1 ? ', last on ' : ' on '}
      <Day iso={newestAt} />.
    </p>
  );
}

/** How much somebody writes, and since when. */
function AuthorUse({ company: { posts, hasOlder, oldestAt, newestAt, rhythm } }: OfAuthor) {
  return (
    <>
      {hasOlder ? `more than ${writeNumber(posts)} posts` : count(posts, 'post')}
      {rhythm === null || posts === 1 ? '' : `, ${rhythm}`}
      {!hasOlder && oldestAt !== null && posts > 1 ? (
        <>
          ; first on <Day iso={oldestAt} />
        </>
      ) : null}
      {newestAt === null ? null : (
        <>
          {posts > 1 ? ', last on ' : ', on '}
          <Day iso={newestAt} />
        </>
      )}
      .
    </>
  );
}

/** How much a source publishes: `1,204 posts, about 3 a week; the last on 3 Jun 2018.` */
function SourceUse({ source: { posts, rhythm, lastPostAt } }: { source: SourceSummary }) {
  if (lastPostAt === null) return null;
  return (
    <p className="lede">
      {count(posts, 'post')}
      {rhythm === null ? `, none in the last ${RHYTHM_DAYS} days` : `, ${rhythm}`}; the last on{' '}
      <Day iso={lastPostAt} />.
    </p>
  );
}

function SourceLede({ source }: { source: SourceSummary }) {
  return (
    <>
      <p className="lede">
        {source.description ? `${source.description} ` : ''}
        {source.siteUrl ? <a href={source.siteUrl}>{new URL(source.siteUrl).host}</a> : null}
      </p>
      <SourceUse source={source} />
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
