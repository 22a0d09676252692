import type { Metadata } from 'next';
import { notFound, permanentRedirect } from 'next/navigation';
import { sourcesPath } from '../../../lib/model/list-address.ts';
import type { SourcePage, SourceSummary } from '../../../lib/queries/sources.ts';
import { Pager } from '../../_components/pager.tsx';
import { Day, Moment, SourceMark } from '../../_components/post.tsx';
import { Page } from '../../_components/shell.tsx';
import { count, cutWords } from '../../_components/text.ts';
import { readSourcePage } from '../../_data/pages.ts';

// `/sources`: whose posts are shown here, and how each is doing. lib/model/list-address.ts leads here.

/** Of what a source says of itself: two lines at most. */
const DESCRIPTION_MAX = 140;

interface Props {
  params: Promise<{ page: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ page: 'none' }];

async function read(params: Props['params']): Promise<SourcePage & { page: number }> {
  const given = await params;
  if (!/^(?:first|[1-9]\d*)$/u.test(given.page)) notFound();
  // A first page has one address, which names no number.
  if (given.page === '1') permanentRedirect(sourcesPath(1));
  const page = given.page === 'first' ? 1 : Number(given.page);
  const found = await readSourcePage(page);
  if (found === undefined) notFound();
  return { ...found, page };
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { page } = await read(params);
  return {
    title: page === 1 ? 'All sources' : `All sources, page ${page}`,
    alternates: { canonical: sourcesPath(page) },
    // Each source has a page of its own to be found.
    ...(page === 1 ? {} : { robots: { index: false, follow: true } }),
  };
}

export default async function SourceIndex({ params }: Props) {
  const { sources, total, pages, page } = await read(params);
  return (
    <Page
      section="sources"
      head={
        <>
          <h1>All sources</h1>
          <p className="lede">
            {total === 0
              ? 'There are none yet.'
              : `${count(total, 'source')}, each with the day of its newest post, how often there is one, and when it was last read.`}{' '}
            <a href="/sources.opml">As OPML for your own reader</a>
          </p>
        </>
      }
    >
      <div className="list">
        <ul className="wrong sources">
          {sources.map((source) => (
            <SourceRow key={source.slug} source={source} />
          ))}
        </ul>
        <Pager page={page} pages={pages} pathOf={sourcesPath} />
      </div>
    </Page>
  );
}

function SourceRow({ source }: { source: SourceSummary }) {
  return (
    <li>
      <span className="q">{source.lastPostAt ? <Day iso={source.lastPostAt} /> : 'no posts'}</span>
      <div>
        <p>
          <SourceMark source={source} />
          <a href={`/source/${source.slug}`}>{source.title}</a>
        </p>
        {source.description ? (
          <p className="says">{cutWords(source.description, DESCRIPTION_MAX)}</p>
        ) : null}
      </div>
      <div className="q">
        <p>
          {count(source.posts, 'post')}
          {source.rhythm === null ? '' : `, ${source.rhythm}`}
        </p>
        <Health source={source} />
      </div>
    </li>
  );
}

/** Whether it is read, and since when not. */
function Health({ source }: { source: SourceSummary }) {
  const { status, errorCount, errorSince, errorText, lastGoodAt, isTakenOut } = source;
  if (isTakenOut) return <p>taken out by its publisher</p>;
  if (status === 'gone') return <p>gone for good</p>;
  if (status === 'paused') return <p>not read at present</p>;
  if (errorCount > 0) {
    return (
      <p>
        <span className="bad">not reached</span>
        {errorSince ? (
          <>
            {' '}
            since <Day iso={errorSince} />
          </>
        ) : null}
        : {errorText}
      </p>
    );
  }
  return lastGoodAt ? (
    <p>
      read <Moment iso={lastGoodAt} />
    </p>
  ) : (
    <p>not read yet</p>
  );
}
