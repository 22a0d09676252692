import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Fragment } from 'react';
import { metasOf } from '../../../../../lib/model/use-wish.ts';
import type { Change, ChangedPart, Run } from '../../../../../lib/queries/changes.ts';
import { Day, postPath } from '../../../../_components/post.tsx';
import { Page } from '../../../../_components/shell.tsx';
import { count } from '../../../../_components/text.ts';
import { readChanges, readSourceUse } from '../../../../_data/pages.ts';
import { WITHDRAWN, Withdrawn } from '../../_withdrawn.tsx';
import { findPost, type PostParameters } from '../_find-post.ts';

interface Props {
  params: PostParameters;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ id: 'none', slug: '-' }];

/** The post and its changes; 404 for one that shows no text or never changed. */
async function find(params: PostParameters) {
  const found = await findPost(params, '/changes');
  if (found.kind === 'withdrawn') return found;
  const changes = await readChanges(found.post.id);
  if (changes.length === 0) notFound();
  return { ...found, changes };
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await find(params);
  if (found.kind === 'withdrawn') return WITHDRAWN;
  const { post } = found;
  return {
    title: `Changes: ${post.title}`,
    description: `How this post has changed since it was first seen here.`,
    other: metasOf(await readSourceUse(post.source.slug), ['noindex', 'follow']),
  };
}

export default async function ChangesPage({ params }: Props) {
  const found = await find(params);
  if (found.kind === 'withdrawn') return <Withdrawn />;
  const { post, changes } = found;
  // Earlier states of a text are shown no further than the text itself.
  const showsText = post.display === 'full';
  return (
    <Page
      className="one"
      head={
        <>
          <h1>
            <span className="of">Changes of</span>{' '}
            <span lang={post.language ?? undefined} dir="auto">
              {post.title}
            </span>
          </h1>
          <p className="lede">
            {count(changes.length, 'change')} that we saw
            {changes.length > 1 ? ', the latest first' : ''}.{' '}
            <a href={postPath(post)}>To the post as it is now</a>
          </p>
        </>
      }
    >
      <div className="list changes">
        {changes.map((change) => (
          <section key={change.at} lang={post.language ?? undefined}>
            <h2 className="h" lang="en">
              Seen on <Day iso={change.at} />
            </h2>
            <ChangeShown change={change} showsText={showsText} />
          </section>
        ))}
      </div>
    </Page>
  );
}

function ChangeShown({ change, showsText }: { change: Change; showsText: boolean }) {
  return (
    <>
      {change.title ? (
        <p className="retitled" dir="auto">
          <span className="vh" lang="en">
            Title:{' '}
          </span>
          <Words run={{ kind: 'removed', text: change.title.before }} />{' '}
          <Words run={{ kind: 'added', text: change.title.after }} />
        </p>
      ) : null}
      {showsText ? <Parts parts={change.parts} /> : null}
      {showsText || change.title ? null : (
        <p className="q" lang="en">
          The text has changed; its publisher wants only the beginning of it shown here.
        </p>
      )}
    </>
  );
}

function Parts({ parts }: { parts: ChangedPart[] }) {
  return parts.map((part, i) =>
    'unchanged' in part ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one change never move.
      <p key={i} className="q" lang="en">
        {`${count(part.unchanged, 'paragraph')} as before`}
      </p>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one change never move.
      <p key={i} dir="auto">
        {part.runs.map((run, j) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: runs of one paragraph never move.
          <Fragment key={j}>
            <Words run={run} />
          </Fragment>
        ))}
      </p>
    ),
  );
}

/** Words that came or went, told apart by more than their colour. */
function Words({ run }: { run: Run }) {
  switch (run.kind) {
    case 'added':
      return <ins>{run.text}</ins>;
    case 'removed':
      return <del>{run.text}</del>;
    case 'same':
      return run.text;
  }
}
