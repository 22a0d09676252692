import type { Metadata } from 'next';
import { config } from '../../../../lib/config.ts';
import { allowsCopies, licenceName } from '../../../../lib/model/licence.ts';
import type { PostView } from '../../../../lib/model/post.ts';
import { metasOf } from '../../../../lib/model/use-wish.ts';
import { postJsonLd } from '../../../../lib/syndicate/json-ld.ts';
import { cardMeta } from '../../../_components/card-meta.ts';
import { Body, ByLine, Day, FormerTitle, Meta, postPath } from '../../../_components/post.tsx';
import { Page } from '../../../_components/shell.tsx';
import { StructuredData, siteName } from '../../../_components/structured-data.tsx';
import { TagList } from '../../../_components/tag-mark.tsx';
import { count, cutWords, splitAddress, writeMoment } from '../../../_components/text.ts';
import { readSourceUse } from '../../../_data/pages.ts';
import { WITHDRAWN, Withdrawn } from '../_withdrawn.tsx';
import { findPost, type PostParameters } from './_find-post.ts';

interface Props {
  params: PostParameters;
}

/** As much as a search engine or a messenger shows. */
const DESCRIPTION_MAX = 200;

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ id: 'none', slug: '-' }];

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await findPost(params);
  if (found.kind === 'withdrawn') return WITHDRAWN;
  const { post } = found;
  const description = post.display === 'link' ? '' : cutWords(post.summaryText, DESCRIPTION_MAX);
  const use = await readSourceUse(post.source.slug);
  const isFree = post.display === 'full' && allowsCopies(post.licence);
  return {
    title: post.title,
    ...(description === '' ? {} : { description }),
    authors: post.authors.map(({ name }) => ({ name })),
    // The publisher's page is the one to be found; this is a copy for reading.
    alternates: { canonical: post.url },
    other: metasOf(use, isFree ? [] : ['noindex', 'follow']),
    openGraph: {
      type: 'article',
      siteName: config().siteTitle,
      title: post.title,
      url: encodeURI(postPath(post)),
      ...(description === '' ? {} : { description }),
      ...(post.language ? { locale: post.language } : {}),
      ...(post.publishedAt ? { publishedTime: post.publishedAt } : {}),
      ...(post.updatedAt ? { modifiedTime: post.updatedAt } : {}),
      authors: post.authors.map(({ name }) => name),
      tags: post.tags.map(({ name }) => name),
      ...cardMeta('post', post.id, `${post.title}, from ${post.source.title}`),
    },
  };
}

export default async function PostPage({ params }: Props) {
  const found = await findPost(params);
  if (found.kind === 'withdrawn') return <Withdrawn />;
  const { post } = found;
  return (
    <Page
      className="one"
      head={
        <>
          <h1 lang={post.language ?? undefined} dir="auto">
            {post.title}
          </h1>
          <FormerTitle post={post} />
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
      <StructuredData data={postJsonLd(post, siteName())} />
      <article className="list">
        <Body post={post} level={1} />
        {post.display === 'full' ? null : (
          <p className="more">
            <a href={post.url}>Read the whole post at {splitAddress(post.url).host}</a>
          </p>
        )}
        <Attached post={post} />
      </article>
    </Page>
  );
}

/** What stands in a post's place when it was taken back. */
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
      {post.version > 1 ? (
        <>
          <dt>Changed here</dt>
          <dd>
            <a href={`${postPath(post)}/changes`}>{count(post.version - 1, 'time')}</a>
          </dd>
        </>
      ) : null}
      {post.licence ? (
        <>
          <dt>Licence</dt>
          <dd>
            {post.licence.url ? (
              <a href={post.licence.url} rel="license">
                {licenceName(post.licence)}
              </a>
            ) : (
              licenceName(post.licence)
            )}
          </dd>
        </>
      ) : null}
      {post.commentsUrl ? (
        <>
          <dt>Discussion</dt>
          <dd>
            <a href={post.commentsUrl}>at {splitAddress(post.commentsUrl).host}</a>
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

/** The last part of an address, as a person would write it. */
function fileName(url: string): string {
  const last =
    url
      .replace(/[?#].*$/su, '')
      .split('/')
      .at(-1) || url;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a lone % is no escape
  }
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
            <a href={url}>{fileName(url)}</a> <span className="q">{type}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
