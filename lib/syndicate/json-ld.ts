import { licenceName } from '../model/licence.ts';
import type { PostView } from '../model/post.ts';

// What a page is, for machines: JSON-LD 1.1 in the words of schema.org.

/** Where a page stands. Addresses without a slash at the end. */
export interface SiteName {
  url: string;
  title: string;
}

type JsonLd = Record<string, unknown>;

const CONTEXT = { '@context': 'https://schema.org' };

const webSite = ({ url, title }: SiteName): JsonLd => ({
  '@type': 'WebSite',
  '@id': `${url}/#site`,
  url: `${url}/`,
  name: title,
});

const pageOf = (site: SiteName, post: PostView) =>
  `${site.url}/post/${post.id}/${encodeURIComponent(post.slug)}`;

/**
 * A post's page: a BlogPosting that is based on the original and belongs to its source, so that
 * nobody takes our copy for the article itself.
 */
export function postJsonLd(post: PostView, site: SiteName): JsonLd {
  const { licence } = post;
  return {
    ...CONTEXT,
    '@type': 'BlogPosting',
    '@id': pageOf(site, post),
    url: pageOf(site, post),
    headline: post.title,
    isBasedOn: post.url,
    ...(post.publishedAt ? { datePublished: post.publishedAt } : {}),
    ...(post.updatedAt ? { dateModified: post.updatedAt } : {}),
    author:
      post.authors.length > 0
        ? post.authors.map(({ name, slug }) => ({
            '@type': 'Person',
            name,
            url: `${site.url}/author/${encodeURIComponent(slug)}`,
          }))
        : { '@type': 'Organization', name: post.source.title },
    isPartOf: {
      '@type': 'Blog',
      name: post.source.title,
      ...(post.source.siteUrl ? { url: post.source.siteUrl } : {}),
    },
    ...(post.tags.length > 0 ? { keywords: post.tags.map(({ name }) => name) } : {}),
    ...(post.language ? { inLanguage: post.language } : {}),
    ...(post.pictureUrl ? { image: post.pictureUrl } : {}),
    ...(post.summaryText && post.display !== 'link' ? { abstract: post.summaryText } : {}),
    ...(licence ? { license: licence.url ?? licenceName(licence) } : {}),
    ...(post.commentsUrl ? { discussionUrl: post.commentsUrl } : {}),
    publisher: webSite(site),
  };
}

/** A list's page: a CollectionPage with the posts that stand on it, in their order. */
export function listJsonLd(
  list: { title: string; description: string; path: string; posts: readonly PostView[] },
  site: SiteName,
): JsonLd {
  return {
    ...CONTEXT,
    '@type': 'CollectionPage',
    '@id': site.url + list.path,
    url: site.url + list.path,
    name: list.title,
    description: list.description,
    isPartOf: webSite(site),
    mainEntity: {
      '@type': 'ItemList',
      itemListElement: list.posts.map((post, i) => ({
        '@type': 'ListItem',
        position: i + 1,
        url: pageOf(site, post),
        name: post.title,
      })),
    },
  };
}

/** The first page, which also says how the site is searched. */
export function homeJsonLd(list: Parameters<typeof listJsonLd>[0], site: SiteName): JsonLd {
  return {
    ...listJsonLd(list, site),
    isPartOf: {
      ...webSite(site),
      potentialAction: {
        '@type': 'SearchAction',
        target: { '@type': 'EntryPoint', urlTemplate: `${site.url}/search?q={search_term_string}` },
        'query-input': 'required name=search_term_string',
      },
    },
  };
}

/**
 * JSON as the text of a script element: without anything that could end it or start a comment
 * (HTML, section 4.12.1.3).
 */
export const scriptText = (data: JsonLd): string =>
  JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
