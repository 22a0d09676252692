import type { Metadata } from 'next';
import { notFound, permanentRedirect } from 'next/navigation';
import type { PostView } from '../../../../lib/model/post.ts';
import { Body, ByLine, Day, Meta, postPath } from '../../../_components/post.tsx';
import { Page } from '../../../_components/shell.tsx';
import { TagList } from '../../../_components/tag-mark.tsx';
import { writeMoment } from '../../../_components/text.ts';
import { readPost } from '../../../_data/pages.ts';

interface Props {
  params: Promise<{ id: string; slug: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ id: 'none', slug: '-' }];

/** Larger numbers are no ids: Postgres would refuse them. */
const ID_MAX = 2 ** 31 - 1;

async function find(params: Props['params']): Promise<PostView> {
  const { id, slug } = await params;
  const number = Number(id);
  if (!/^[1-9]\d{0,9}$/u.test(id) || number > ID_MAX) notFound();
  const found = await readPost(number);
  if (found.kind !== 'post') notFound();
  let given = '';
  try {
    given = decodeURIComponent(slug);
  } catch {
    notFound();
  }
  // One address for one post: an old title's leads to today's.
  if (given !== found.post.slug) permanentRedirect(encodeURI(postPath(found.post)));
  return found.post;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const post = await find(params);
  return {
    title: post.title,
    description: post.summaryText.slice(0, 200),
    authors: post.authors.map(({ name }) => ({ name })),
    // The publisher's page is the one to be found; this is a copy for reading.
    alternates: { canonical: post.url },
    robots: { index: false, follow: true },
    openGraph: {
      type: 'article',
      title: post.title,
      ...(post.publishedAt ? { publishedTime: post.publishedAt } : {}),
    },
  };
}

export default async function PostPage({ params }: Props) {
  const post = await find(params);
  return (
    <Page
      className="one"
      head={
        <>
          <h1 lang={post.language ?? undefined} dir="auto">
            {post.title}
          </h1>
          <ByLine post={post} />
          <Meta post={post} />
        </>
      }
      rail={{
        label: 'About this post',
        summary: 'Source, dates, tags',
        content: <Facts post={post} />,
      }}
    >
      <article className="list">
        <Body post={post} level={1} />
        {post.display === 'full' ? null : (
          <p className="more">
            <a href={post.url}>Read the whole post at {new URL(post.url).host}</a>
          </p>
        )}
        <Attached post={post} />
      </article>
    </Page>
  );
}

function Facts({ post }: { post: PostView }) {
  const isUpdated = post.updatedAt !== null && post.updatedAt !== post.publishedAt;
  return (
    <dl className="facts">
      <dt>Source</dt>
      <dd>
        <a href={`/source/${post.source.slug}`}>{post.source.title}</a>
      </dd>
      <dt>{post.publishedAt ? 'Published' : 'First seen'}</dt>
      <dd>
        <time dateTime={post.publishedAt ?? post.firstSeenAt}>
          {writeMoment(post.publishedAt ?? post.firstSeenAt)}
        </time>
      </dd>
      {isUpdated && post.updatedAt ? (
        <>
          <dt>Updated by its author</dt>
          <dd>
            <Day iso={post.updatedAt} />
          </dd>
        </>
      ) : null}
      {post.alsoIn.length > 0 ? (
        <>
          <dt>Also in</dt>
          {post.alsoIn.map((source) => (
            <dd key={source.slug}>
              <a href={`/source/${source.slug}`}>{source.title}</a>
            </dd>
          ))}
        </>
      ) : null}
      {post.tags.length > 0 ? (
        <>
          <dt>Tags</dt>
          <dd>
            <TagList tags={post.tags} />
          </dd>
        </>
      ) : null}
    </dl>
  );
}

/** Files that came with the post, as links: nothing of them is loaded unasked. */
function Attached({ post }: { post: PostView }) {
  if (post.enclosures.length === 0) return null;
  return (
    <section className="after">
      <h2 className="h">Attached</h2>
      <ul className="plain">
        {post.enclosures.map(({ url, type }) => (
          <li key={url}>
            <a href={url}>{decodeURI(new URL(url).pathname.split('/').at(-1) || url)}</a>{' '}
            <span className="q">{type}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
