import type { SourceSummary } from '../../../lib/queries/sources.ts';
import { Day } from '../../_components/post.tsx';
import { Page } from '../../_components/shell.tsx';
import { count } from '../../_components/text.ts';
import { readSources } from '../../_data/pages.ts';

/** `/sources`: whose posts are shown here, and how each is doing. */
export async function SourcesPage() {
  const sources = await readSources();
  return (
    <Page
      section="sources"
      head={
        <>
          <h1>All sources</h1>
          <p className="lede">
            {sources.length === 0
              ? 'There are none yet.'
              : `${count(sources.length, 'source')}, with the day of the newest post and how often there is one.`}{' '}
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
