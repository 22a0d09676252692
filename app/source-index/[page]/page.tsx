import type { Metadata } from 'next';
import { notFound, permanentRedirect } from 'next/navigation';
import { sourcesPath } from '../../../lib/model/list-address.ts';
import type { SourcePage, SourceSummary } from '../../../lib/queries/sources.ts';
import { Pager } from '../../_components/pager.tsx';
import { Day } from '../../_components/post.tsx';
import { Page } from '../../_components/shell.tsx';
import { count } from '../../_components/text.ts';
import { readSourcePage } from '../../_data/pages.ts';

// `/sources`: whose posts are shown here, and how each is doing. lib/model/list-address.ts leads here.

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
              : `${count(total, 'source')}, with the day of the newest post and how often there is one.`}{' '}
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
      <span className="q">{source.lastPostAt ? <Day iso={source.lastPostAt} /> : '–'}</span>
      <span>
        <a href={`/source/${source.slug}`}>{source.title}</a>
        {source.errorCount > 0 ? (
          <>
            {' '}
            <span className="bad">not reached</span> <span className="q">{source.errorText}</span>
          </>
        ) : null}
        {source.status === 'active' ? null : <span className="q"> {source.status}</span>}
      </span>
      <span className="q">
        {count(source.posts, 'post')}
        {source.rhythm === null ? '' : `, ${source.rhythm}`}
      </span>
    </li>
  );
}
