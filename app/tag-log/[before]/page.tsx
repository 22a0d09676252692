import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { TagChange, TagName } from '../../../lib/model/tag.ts';
import type { TagLogPage } from '../../../lib/queries/tag-log.ts';
import { Day } from '../../_components/post.tsx';
import { Page } from '../../_components/shell.tsx';
import { TagLink } from '../../_components/tag-mark.tsx';
import { count } from '../../_components/text.ts';
import { readTagLog } from '../../_data/pages.ts';

// `/tags/log`: what was done to tags, by whom and why. lib/model/list-address.ts leads here.

interface Props {
  params: Promise<{ before: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ before: 'none' }];

const PATH = '/tags/log';

async function read(params: Props['params']): Promise<TagLogPage & { isFirst: boolean }> {
  const { before } = await params;
  const isFirst = before === 'newest';
  const page = await readTagLog(isFirst ? undefined : before);
  // A page beyond the end is none, but the log itself may be empty.
  if (page === undefined || (page.changes.length === 0 && !isFirst)) notFound();
  return { ...page, isFirst };
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { isFirst } = await read(params);
  return {
    title: 'What was done to tags',
    description: 'Tags that were merged, split, hidden or shown, when, by whom and why.',
    alternates: { canonical: PATH },
    ...(isFirst ? {} : { robots: { index: false, follow: true } }),
  };
}

export default async function TagLog({ params }: Props) {
  const { changes, older, isFirst } = await read(params);
  return (
    <Page
      section="tags"
      head={
        <>
          <h1>What was done to tags</h1>
          <p className="lede">
            Publishers spell their categories as they like. Here names of one thing are taken
            together, and names that say nothing are hidden; the posts stay as they are.{' '}
            <a href="/tags">All tags</a>
          </p>
        </>
      }
    >
      <div className="list">
        {changes.length === 0 ? (
          <p className="q">Nothing was done so far.</p>
        ) : (
          <ul className="wrong">
            {changes.map((change) => (
              <Change key={change.id} change={change} />
            ))}
          </ul>
        )}
        {isFirst && older === null ? null : (
          <nav className="pager" aria-label="Pages">
            {isFirst ? <span /> : <a href={PATH}>The newest</a>}
            {older === null ? (
              <span className="q">This is where it began</span>
            ) : (
              <a href={`${PATH}?before=${older}`} rel="next">
                Earlier
              </a>
            )}
          </nav>
        )}
      </div>
    </Page>
  );
}

function Change({ change }: { change: TagChange }) {
  return (
    <li>
      <span className="q">
        <Day iso={change.at} />
      </span>
      <span>
        <Words change={change} />
        <span className="q">
          {' '}
          {change.by === 'rule' ? 'By rule' : 'By the operator'}
          {change.reason === null ? '.' : `: ${change.reason}`}
        </span>
      </span>
      <span className="q">{change.posts > 0 ? count(change.posts, 'post') : ''}</span>
    </li>
  );
}

/** A name that has no page of its own. */
const Name = ({ tag }: { tag: TagName }) => <b>{tag.name}</b>;

function Words({ change: { kind, from, into } }: { change: TagChange }) {
  const other = into === null ? null : <TagLink tag={into} />;
  switch (kind) {
    case 'alias':
      return (
        <>
          <Name tag={from} /> means {other}.
        </>
      );
    case 'merge':
      return (
        <>
          <Name tag={from} /> was merged into {other}.
        </>
      );
    case 'split':
      return (
        <>
          <TagLink tag={from} /> is a tag of its own again, apart from {other}.
        </>
      );
    case 'hide':
      return (
        <>
          <Name tag={from} /> was hidden.
        </>
      );
    case 'show':
      return (
        <>
          <TagLink tag={from} /> is shown again.
        </>
      );
    case 'keep':
      return (
        <>
          <TagLink tag={from} /> and {other} stay two tags.
        </>
      );
  }
}
