import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { config } from '../../../../lib/config.ts';
import { describePoll } from '../../../../lib/model/fetching.ts';
import type { FeedFetching } from '../../../../lib/queries/fetching.ts';
import { Moment } from '../../../_components/post.tsx';
import { Page } from '../../../_components/shell.tsx';
import { count } from '../../../_components/text.ts';
import { readFetching } from '../../../_data/fetching.ts';
import { decodeSlug } from '../../../_data/slug.ts';
import { Days } from './days.tsx';
import { PagesRead } from './pages-read.tsx';
import { Polls } from './polls.tsx';
import { Schedule, Wishes } from './wishes.tsx';

// What we asked a feed's server, and what it answered: for its publisher, without an account.

interface Props {
  params: Promise<{ slug: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ slug: '-' }];

async function find(params: Props['params']): Promise<FeedFetching> {
  const { slug } = await params;
  if (slug === '-') notFound();
  return (await readFetching(decodeSlug(slug))) ?? notFound();
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { title, slug } = await find(params);
  return {
    title: `How we fetch ${title}`,
    description: `What we asked the server of ${title}, and what it answered.`,
    alternates: { canonical: `/source/${encodeURIComponent(slug)}/fetching` },
    robots: { index: false, follow: true },
  };
}

export default async function FetchingPage({ params }: Props) {
  const feed = await find(params);
  return (
    <Page
      section="sources"
      head={
        <>
          <h1>
            <span className="of">How we fetch</span> {feed.title}
          </h1>
          <Lede feed={feed} />
        </>
      }
      rail={{
        label: 'About this feed',
        summary: 'Address, posts, our rules',
        content: <Facts feed={feed} />,
      }}
    >
      <div className="list">
        <Trouble feed={feed} />
        <Schedule feed={feed} />
        <Wishes feed={feed} />
        <PagesRead fullText={feed.fullText} />
        <Days days={feed.days} />
        <Polls polls={feed.polls} />
      </div>
    </Page>
  );
}

function Lede({ feed: { polls } }: { feed: FeedFetching }) {
  const [last] = polls;
  if (last === undefined) return <p className="lede">It has not been asked so far.</p>;
  return (
    <p className="lede">
      Last asked <Moment iso={last.at} />
      {last.status === null ? '' : `, answered ${last.status}`}: {describePoll(last)}.
    </p>
  );
}

function Trouble({ feed }: { feed: FeedFetching }) {
  if (feed.errorCount === 0 || feed.errorSince === null) return null;
  return (
    <p className="note">
      <b className="bad">Not read</b> since <Moment iso={feed.errorSince} />,{' '}
      {count(feed.errorCount, 'time')} running: {feed.errorText}
    </p>
  );
}

function Facts({ feed }: { feed: FeedFetching }) {
  return (
    <dl className="facts">
      <dt>Posts</dt>
      <dd>
        <a href={`/source/${encodeURIComponent(feed.slug)}`}>{feed.title}</a>
      </dd>
      <dt>Feed</dt>
      <dd className="address">
        <a href={feed.url}>{feed.url}</a>
      </dd>
      <dt>Times</dt>
      <dd>{config().siteTimezone}, up to five minutes old</dd>
      <dt>Rules</dt>
      <dd>
        <a href="/bot">How our fetcher behaves</a>
      </dd>
    </dl>
  );
}
