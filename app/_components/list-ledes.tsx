import { FAILING_DAYS_TOLD } from '../../lib/model/notice.ts';
import { RHYTHM_DAYS } from '../../lib/model/rhythm.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import type { SourceSummary } from '../../lib/queries/sources.ts';
import type { FoundHead } from '../_data/lists.ts';
import { Day } from './post.tsx';
import { count, writeNumber } from './text.ts';

// The lines below the heading of a list.

type OfTag = Extract<FoundHead, { kind: 'tag' }>;
type OfTerms = Extract<FoundHead, { kind: 'tags' }>;
type OfAuthor = Pick<Extract<FoundHead, { kind: 'author' }>, 'company'>;

/** How many posts, from how many sources, and when it was used first and last. */
export function TagLede({ summary }: Pick<OfTag, 'summary'>) {
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
export const MonthLede = (props: MonthLedeProps) => <p className="lede">{ofMonth(props)}.</p>;

/** The same of an author, of whom not all months are known where there are very many posts. */
export function AuthorMonth({ month, company }: OfAuthor & Pick<MonthLedeProps, 'month'>) {
  const { months, posts } = company;
  return months.length === 0 ? '.' : `: ${ofMonth({ month, months, posts })}.`;
}

/** How many posts bear some tags together, and when they came first and last. */
export function TermsLede({ company }: Pick<OfTerms, 'company'>) {
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
export function AuthorUse({ company: { posts, hasOlder, oldestAt, newestAt, rhythm } }: OfAuthor) {
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

export function SourceLede({ source }: { source: SourceSummary }) {
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
