import { config } from '../../lib/config.ts';
import { listPath } from '../../lib/model/list-address.ts';
import type { PostView, SourceName } from '../../lib/model/post.ts';
import type { TagName, TagSummary } from '../../lib/model/tag.ts';
import type { SourceSummary } from '../../lib/queries/sources.ts';
import { postPath } from '../_components/post.tsx';
import type { FoundHead } from '../_data/lists.ts';

// What programs get. Names here are promised (docs/api.md): what the site calls a thing inside may
// change, and what it keeps for itself stays away.

const here = (path: string) => config().siteUrl + path;
const listPage = (scope: 'tag' | 'source' | 'author', slug: string) =>
  here(listPath({ scope, slug: encodeURIComponent(slug), month: 'all' }));

const nameOf = ({ slug, title, siteUrl }: SourceName) => ({ slug, title, url: siteUrl });
const tagOf = ({ slug, name }: TagName) => ({ slug, name });

/** A post, its text as far as its publisher lets it be shown. Times ISO 8601 in UTC. */
export function apiPost(post: PostView) {
  return {
    id: post.id,
    title: post.title,
    url: post.url,
    page: here(encodeURI(postPath(post))),
    byline: post.byline || post.source.title,
    authors: post.authors.map(({ name, slug }) => ({ slug, name })),
    source: nameOf(post.source),
    alsoIn: post.alsoIn.map(nameOf),
    tags: post.tags.map(tagOf),
    published: post.publishedAt,
    updated: post.updatedAt ?? post.revisedAt ?? null,
    firstSeen: post.firstSeenAt,
    language: post.language,
    words: post.wordCount,
    display: post.display,
    summary: post.display === 'link' ? null : post.summaryText,
    html: post.display === 'full' ? post.bodyHtml : null,
    picture: post.pictureUrl,
    enclosures: post.enclosures,
    comments: post.commentsUrl,
    licence: post.licence,
  };
}

/** A tag in a list of tags. */
export const apiTagCount = ({ slug, name, posts }: TagName & { posts: number }) => ({
  slug,
  name,
  posts,
  page: listPage('tag', slug),
});

/** All that is known of a tag. */
export const apiTag = (summary: TagSummary) => ({
  ...apiTagCount(summary),
  aliases: summary.aliases,
  first: summary.firstAt,
  last: summary.lastAt,
  months: summary.months,
  related: summary.related.map(apiTagCount),
  sources: summary.topSources,
  authors: summary.topAuthors,
});

/** A source in a list of sources, and whether it is read. */
export const apiSourceSummary = (source: SourceSummary) => ({
  slug: source.slug,
  title: source.title,
  description: source.description,
  url: source.siteUrl,
  feed: source.url,
  page: listPage('source', source.slug),
  status: source.status,
  posts: source.posts,
  last: source.lastPostAt,
  read: source.lastGoodAt,
  failing: source.errorCount > 0 ? { since: source.errorSince, why: source.errorText } : null,
});

/** All that is known of a source. */
export const apiSource = ({
  source,
  months,
  company,
}: Pick<Extract<FoundHead, { kind: 'source' }>, 'source' | 'months' | 'company'>) => ({
  ...apiSourceSummary(source),
  months,
  tags: company.tags.map(apiTagCount),
  authors: company.authors,
});
