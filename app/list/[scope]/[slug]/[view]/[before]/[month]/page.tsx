import type { Metadata } from 'next';
import { notFound, permanentRedirect } from 'next/navigation';
import { config } from '../../../../../../../lib/config.ts';
import {
  type ListAddress,
  listFeedPath,
  listHref,
  listPath,
  SCOPES,
  STATUS_META,
  VIEWS,
} from '../../../../../../../lib/model/list-address.ts';
import type { PostPage, PostView } from '../../../../../../../lib/model/post.ts';
import { homeJsonLd, listJsonLd } from '../../../../../../../lib/syndicate/json-ld.ts';
import { cardMeta } from '../../../../../../_components/card-meta.ts';
import { EmptyList } from '../../../../../../_components/empty-list.tsx';
import { byDay, Headlines } from '../../../../../../_components/headlines.tsx';
import { ListHeading, listRail, listTitle } from '../../../../../../_components/list-head.tsx';
import { NearMonths } from '../../../../../../_components/near-months.tsx';
import { PostInList } from '../../../../../../_components/post.tsx';
import { Page } from '../../../../../../_components/shell.tsx';
import { StructuredData, siteName } from '../../../../../../_components/structured-data.tsx';
import { TooManyTags } from '../../../../../../_components/tag-terms.tsx';
import {
  type FoundHead,
  readListHead,
  readListPage,
  scopeOf,
} from '../../../../../../_data/lists.ts';
import { decodeSlug } from '../../../../../../_data/slug.ts';

// Every list of posts: home, tag, source, author, and their months. The public addresses and how
// they lead here: lib/model/list-address.ts.

interface Props {
  params: Promise<Record<keyof ListAddress, string>>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [
  { scope: 'none', slug: '-', view: 'full', before: 'newest', month: 'all' },
];

const VIEW_NAMES = { headlines: 'Headlines', excerpts: 'Excerpts', full: 'Full posts' };

/** Next encodes the signs between terms, which are to stand for themselves in links. */
const writeSlug = (slug: string) => slug.replaceAll('%2B', '+').replaceAll('%7E', '~');

function readAddress(params: Record<keyof ListAddress, string>): ListAddress {
  const scope = SCOPES.find((each) => each === params.scope);
  const view = VIEWS.find((each) => each === params.view);
  if (scope === undefined || view === undefined) notFound();
  return { ...params, slug: writeSlug(params.slug), scope, view };
}

async function readHead(address: ListAddress): Promise<FoundHead | 'too-many'> {
  const slug = decodeSlug(address.slug);
  const head = await readListHead(address.scope, slug);
  switch (head.kind) {
    case 'none':
      return leadToLowerCase(address, slug);
    case 'alias':
      return leadTo(address, head.slug);
    case 'too-many':
      return head.kind;
    default:
      return head;
  }
}

const leadTo = (address: ListAddress, slug: string): never =>
  permanentRedirect(listHref({ ...address, slug }));

/** Slugs are in lower case: an address with a name as people write it leads there. */
async function leadToLowerCase(address: ListAddress, slug: string): Promise<never> {
  const lower = slug.toLowerCase();
  if (lower === slug) notFound();
  const head = await readListHead(address.scope, lower);
  if (head.kind === 'none') notFound();
  return leadTo(address, head.kind === 'alias' ? head.slug : writeSlug(encodeURIComponent(lower)));
}

async function readPage(address: ListAddress, head: FoundHead): Promise<PostPage> {
  const page = await readListPage(scopeOf(head), decodeSlug(address.slug), {
    before: address.before,
    month: address.month,
    withBody: address.view === 'full',
  });
  if (page === undefined) notFound();
  const isWhole = address.month === 'all' && address.before === 'newest';
  // The way through a list of several tags may lead over pages where none met them.
  const isOnTheWay = head.kind === 'tags' && (address.before !== 'newest' || page.older !== null);
  // A month without posts is no page; an empty site or source still has one that says so.
  if (page.posts.length === 0 && !isWhole && !isOnTheWay) notFound();
  return page;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const address = readAddress(await params);
  const head = await readHead(address);
  if (head === 'too-many') {
    // lib/serve/front.ts answers such a page with this status.
    return {
      title: 'Too many tags at once',
      robots: { index: false },
      other: { [STATUS_META]: '400' },
    };
  }
  const { title, description } = listTitle(head, address);
  const path = listPath(address);
  return {
    title: head.kind === 'latest' && address.month === 'all' ? { absolute: title } : title,
    description,
    alternates: {
      canonical: path,
      types: {
        'application/rss+xml': [{ url: listFeedPath(address, 'xml'), title: `${title} (RSS)` }],
        'application/atom+xml': [{ url: listFeedPath(address, 'atom'), title: `${title} (Atom)` }],
        'application/feed+json': [{ url: listFeedPath(address, 'json'), title: `${title} (JSON)` }],
      },
    },
    openGraph: {
      type: 'website',
      siteName: config().siteTitle,
      title,
      description,
      url: path,
      ...listCardMeta(head, address.slug),
    },
    // Deeper pages, and those of several tags, hold what has been indexed elsewhere already.
    ...(address.before === 'newest' && head.kind !== 'tags'
      ? {}
      : { robots: { index: false, follow: true } }),
  };
}

/** Several tags together have the site's card. */
function listCardMeta(head: FoundHead, slug: string) {
  const { siteTitle } = config();
  switch (head.kind) {
    case 'tag':
      return cardMeta('tag', slug, `Tag Archives: ${head.summary.name}`);
    case 'source':
      return cardMeta('source', slug, head.source.title);
    case 'author':
      return cardMeta('author', slug, head.author.name);
    default:
      return cardMeta('site', undefined, siteTitle);
  }
}

export default async function ListPage({ params }: Props) {
  const address = readAddress(await params);
  const head = await readHead(address);
  if (head === 'too-many') return <TooManyTags />;
  const { posts, older } = await readPage(address, head);
  const section = (
    { latest: undefined, tag: 'tags', tags: 'tags', source: 'sources', author: undefined } as const
  )[head.kind];
  return (
    <Page
      {...(section ? { section } : {})}
      isBrief={head.kind === 'latest'}
      skipTo={{ id: 'posts', label: 'To the posts' }}
      head={
        <>
          <ListHeading head={head} address={address} />
          <div className="bar">
            <nav className="views" aria-label="Density">
              {VIEWS.map((view) => (
                <a
                  key={view}
                  href={listHref({ ...address, view })}
                  aria-current={view === address.view ? 'true' : undefined}
                >
                  {VIEW_NAMES[view]}
                </a>
              ))}
            </nav>
            {head.kind === 'latest' && address.month !== 'all' ? (
              <NearMonths address={address} />
            ) : null}
          </div>
        </>
      }
      rail={listRail(head, address)}
    >
      <StructuredData data={describe(head, address, posts)} />
      <div
        className={address.view === 'excerpts' ? 'list excerpts' : 'list'}
        id="posts"
        tabIndex={-1}
      >
        {posts.length === 0 ? <EmptyList head={head} hasOlder={older !== null} /> : null}
        {address.view === 'headlines' ? (
          <Headlines posts={posts} besides={head.kind === 'source' ? 'author' : 'source'} />
        ) : (
          <Posts posts={posts} view={address.view} isByDay={head.kind === 'latest'} />
        )}
        <Pager address={address} older={older} />
      </div>
    </Page>
  );
}

interface PostsProps {
  posts: PostView[];
  view: 'excerpts' | 'full';
  /** Whether each day has a heading. */
  isByDay: boolean;
}

function Posts({ posts, view, isByDay }: PostsProps) {
  const list = (some: PostView[]) =>
    some.map((post) => (
      <PostInList key={post.id} post={post} view={view} level={isByDay ? 3 : 2} />
    ));
  if (!isByDay) return list(posts);
  return byDay(posts).map(([day, ofDay]) => (
    <section key={day} className="dated">
      <h2>{day}</h2>
      {list(ofDay)}
    </section>
  ));
}

/** The list for machines; the first page of all also says how to search. */
function describe(head: FoundHead, address: ListAddress, posts: PostPage['posts']) {
  const list = { ...listTitle(head, address), path: listPath(address), posts };
  return listPath(address) === '/' ? homeJsonLd(list, siteName()) : listJsonLd(list, siteName());
}

/** The ways to older posts and back to the newest. */
function Pager({ address, older }: { address: ListAddress; older: string | null }) {
  const isFirst = address.before === 'newest';
  if (isFirst && older === null) return null;
  return (
    <nav className="pager" aria-label="Pages">
      {isFirst ? <span /> : <a href={listHref({ ...address, before: 'newest' })}>Newest posts</a>}
      {older === null ? (
        <span className="q">These are the first posts</span>
      ) : (
        <a href={listHref({ ...address, before: older })} rel="next">
          Older posts
        </a>
      )}
    </nav>
  );
}
