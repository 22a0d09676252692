import { Fragment } from 'react';
import { config } from '../../lib/config.ts';
import { licenceName } from '../../lib/model/licence.ts';
import type { PostView } from '../../lib/model/post.ts';
import { picturePath } from '../../lib/pictures/picture-address.ts';
import { MutePost, muteData } from './mute.tsx';
import { fitBody } from './post-html.ts';
import { directionOf } from './post-script.ts';
import { TagList } from './tag-mark.tsx';
import {
  splitAddress,
  writeDay,
  writeDayAndTime,
  writeMoment,
  writePostTime,
  writeReadingTime,
} from './text.ts';

/** The address of a post's own page. */
export const postPath = (post: { id: number; slug: string }) => `/post/${post.id}/${post.slug}`;

/** A date that tells the whole moment when asked. */
export function Day({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={writeMoment(iso)}>
      {writeDay(iso)}
    </time>
  );
}

/** When a post was published: day, time and zone, for the eye too. */
function PostTime({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={writeMoment(iso)}>
      {writePostTime(iso)}
    </time>
  );
}

/** A date with its hour, in the site's time zone. */
export function Moment({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={writeMoment(iso)}>
      {writeDayAndTime(iso)}
    </time>
  );
}

/** `Post Syndicated from AUTHOR original URL`, the address as given and never cut in copying. */
export function ByLine({ post }: { post: PostView }) {
  const { scheme, host, rest } = splitAddress(post.url);
  const only = post.authors.length === 1 ? post.authors[0] : undefined;
  const isLinked = only !== undefined && only.name === post.byline;
  return (
    <p className="by">
      Post Syndicated from{' '}
      {isLinked ? (
        <a href={`/author/${only.slug}`} rel="author">
          {only.name}
        </a>
      ) : (
        post.byline || post.source.title
      )}{' '}
      original{' '}
      <a className="url" href={post.url}>
        <span>{scheme}</span>
        {host}
        <span>
          {/* Lines may break after each part of the path. */}
          {rest.split(/(?<=[/-])/u).map((part, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts of one address never move.
            <Fragment key={i}>
              {part}
              <wbr />
            </Fragment>
          ))}
        </span>
      </a>
    </p>
  );
}

/** The title that a post had before, where it was changed after publication. */
export function FormerTitle({ post }: { post: PostView }) {
  if (post.formerTitle === null) return null;
  return (
    <p className="was">
      Its title was{' '}
      <q lang={post.language ?? undefined} dir="auto">
        {post.formerTitle}
      </q>
    </p>
  );
}

interface SourceMarkProps {
  source: { title: string; iconUrl?: string | null };
}

/**
 * What an eye finds a source again by: its icon, through us as all pictures, or the first letter of
 * its name where it has none, or pictures are off.
 */
export function SourceMark({ source: { title, iconUrl } }: SourceMarkProps) {
  const path = iconUrl && config().pictures === 'proxy' ? picturePath(iconUrl) : undefined;
  if (path !== undefined) {
    // biome-ignore lint/performance/noImgElement: a few hundred bytes, and kept for ever.
    return <img className="ico" src={path} width={16} height={16} alt="" loading="lazy" />;
  }
  return (
    <span className="ico" aria-hidden="true">
      {[...title.replace(/[^\p{L}\p{N}]/gu, '')][0]?.toUpperCase() ?? '·'}
    </span>
  );
}

/** Source, date, reading time and where else it was. */
export function Meta({ post, canMute = false }: { post: PostView; canMute?: boolean }) {
  return (
    <p className="meta">
      <span>
        <SourceMark source={post.source} />
        <a href={`/source/${post.source.slug}`}>{post.source.title}</a>
      </span>
      <PostTime iso={post.publishedAt ?? post.sortAt} />
      {post.display === 'full' ? <span>{writeReadingTime(post.wordCount)}</span> : null}
      {post.version > 1 ? (
        <span>
          <a href={`${postPath(post)}/changes`}>updated</a>
        </span>
      ) : null}
      {post.licence?.url ? (
        <span>
          <a href={post.licence.url} rel="license">
            {licenceName(post.licence)}
          </a>
        </span>
      ) : null}
      {post.alsoIn.length > 0 ? (
        <span>
          also in&nbsp;
          {post.alsoIn.map((source, i) => (
            <Fragment key={source.slug}>
              {i > 0 ? ', ' : ''}
              <a href={`/source/${source.slug}`}>{source.title}</a>
            </Fragment>
          ))}
        </span>
      ) : null}
      {canMute ? <MutePost title={post.title} /> : null}
    </p>
  );
}

interface BodyProps {
  post: PostView;
  /** The heading level of the post's title. */
  level: number;
}

/** The post's text as its publisher lets us show it. */
export function Body({ post, level }: BodyProps) {
  const lang = post.language ?? undefined;
  if (post.display === 'link') return null;
  if (post.display === 'excerpt' || (post.shownHtml ?? post.bodyHtml) === '')
    return <Excerpt post={post} />;
  return (
    <div
      className="body"
      lang={lang}
      dir={directionOf(post.shownHtml ?? post.bodyHtml)}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: lib/ingest/sanitise.ts has passed it.
      dangerouslySetInnerHTML={{ __html: fitBody(post, level) }}
    />
  );
}

/** The beginning of a post's text. */
function Excerpt({ post }: { post: PostView }) {
  if (post.summaryText === '' || post.display === 'link') return null;
  return (
    <div className="body" lang={post.language ?? undefined} dir="auto">
      <p>{post.summaryText}</p>
    </div>
  );
}

interface PostInListProps {
  post: PostView;
  view: 'full' | 'excerpts';
  /** Of its title's heading: below the page's, or below that of its day. */
  level?: 2 | 3;
}

/** A post in a list, with its whole text or its beginning. */
export function PostInList({ post, view, level = 2 }: PostInListProps) {
  const Title = level === 2 ? 'h2' : 'h3';
  return (
    <article className="post" {...muteData(post)}>
      <Title lang={post.language ?? undefined} dir="auto">
        <a href={postPath(post)}>{post.title}</a>
      </Title>
      <FormerTitle post={post} />
      <ByLine post={post} />
      <Meta post={post} canMute />
      {view === 'full' ? <Body post={post} level={level} /> : <Excerpt post={post} />}
      <TagList tags={post.tags} />
    </article>
  );
}
