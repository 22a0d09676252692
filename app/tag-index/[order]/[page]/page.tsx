import type { Metadata } from 'next';
import { notFound, permanentRedirect } from 'next/navigation';
import {
  describeSize,
  QUIET_MONTHS,
  QUIET_POSTS_MIN,
  TAG_ORDERS,
  type TagIndexPage,
  type TagOrder,
  tagIndexPath,
} from '../../../../lib/model/tag-index.ts';
import { Pager } from '../../../_components/pager.tsx';
import { Page } from '../../../_components/shell.tsx';
import { TagCounts } from '../../../_components/tag-mark.tsx';
import { count, writeDay, writeMonth } from '../../../_components/text.ts';
import { readTagIndex } from '../../../_data/pages.ts';

// `/tags`: all tags, in four orders. lib/model/list-address.ts leads here.

interface Props {
  params: Promise<{ order: string; page: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ order: 'none', page: 'first' }];

const ORDERS: Record<TagOrder, { link: string; title: string }> = {
  'by-name': { link: 'By name', title: 'All tags' },
  'by-size': { link: 'By number of posts', title: 'Tags by number of posts' },
  new: { link: 'New', title: 'New tags' },
  quiet: { link: 'Gone quiet', title: 'Tags that have gone quiet' },
};

interface Read extends TagIndexPage {
  order: TagOrder;
  page: number;
}

async function read(params: Props['params']): Promise<Read> {
  const given = await params;
  const order = TAG_ORDERS.find((each) => each === given.order);
  const page = given.page === 'first' ? 1 : Number(given.page);
  if (order === undefined || !/^(?:first|[1-9]\d*)$/u.test(given.page)) notFound();
  // A first page has one address, which names no number, and no order that is the usual one.
  if (given.page === '1') permanentRedirect(tagIndexPath(order, 1));
  const index = await readTagIndex(order, page);
  if (index === undefined) notFound();
  return { ...index, order, page };
}

function titleOf({ order, page }: Pick<Read, 'order' | 'page'>): string {
  return page === 1 ? ORDERS[order].title : `${ORDERS[order].title}, page ${page}`;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { order, page } = await read(params);
  return {
    title: titleOf({ order, page }),
    alternates: { canonical: tagIndexPath(order, page) },
    // Each tag has a page of its own to be found, and the sitemap has them all.
    ...(order === 'by-name' && page === 1 ? {} : { robots: { index: false, follow: true } }),
  };
}

export default async function TagIndex({ params }: Props) {
  const index = await read(params);
  const { order, groups } = index;
  return (
    <Page
      section="tags"
      head={
        <>
          <h1>{ORDERS[order].title}</h1>
          <Lede index={index} />
          <div className="bar">
            <nav className="views" aria-label="Order">
              {TAG_ORDERS.map((each) => (
                <a
                  key={each}
                  href={tagIndexPath(each, 1)}
                  aria-current={each === order ? 'true' : undefined}
                >
                  {ORDERS[each].link}
                </a>
              ))}
            </nav>
          </div>
        </>
      }
    >
      <div className="list">
        <Places index={index} />
        {groups.map(({ key, tags }) => (
          <section key={key} className="group" id={anchorOf(key)}>
            <h2>{titleOfGroup(order, key)}</h2>
            <TagCounts tags={tags} isIndex />
          </section>
        ))}
        <Pager page={index.page} pages={index.pages} pathOf={(page) => tagIndexPath(order, page)} />
      </div>
    </Page>
  );
}

const anchorOf = (key: string) => `tags-${key === '#' ? '0' : key}`;

function titleOfGroup(order: TagOrder, key: string): string {
  switch (order) {
    case 'by-name':
      return key;
    case 'by-size':
      return describeSize(key);
    case 'new':
      // Noon is of the same day in the zone of almost any site.
      return `First seen on ${writeDay(`${key}T12:00:00Z`)}`;
    case 'quiet':
      return `Last used in ${writeMonth(key)}`;
  }
}

function Lede({ index: { order, tags } }: { index: Read }) {
  const log = <a href="/tags/log">What was merged and hidden</a>;
  switch (order) {
    case 'quiet':
      return (
        <p className="lede">
          {tags === 0
            ? `None has: every tag with ${QUIET_POSTS_MIN} posts or more had one in the last ${QUIET_MONTHS} months.`
            : `${count(tags, 'tag')} with ${QUIET_POSTS_MIN} posts or more, but none in the last ${QUIET_MONTHS} months.`}{' '}
          {log}
        </p>
      );
    case 'new':
      return (
        <p className="lede">
          {count(tags, 'tag')}, by when they were first seen here. {log}
        </p>
      );
    default:
      return (
        <p className="lede">
          {tags === 0
            ? 'There are none yet: tags come with the first posts.'
            : `${count(tags, 'tag')}, from the posts’ own categories.`}{' '}
          {log}
        </p>
      );
  }
}

/** Links to where each letter begins, on whatever page. */
function Places({ index: { order, page, places } }: { index: Read }) {
  if (order !== 'by-name' || places.length < 2) return null;
  return (
    <nav className="letters flush" aria-label="Letters">
      {places.map(({ key, page: at }) => (
        <a key={key} href={`${at === page ? '' : tagIndexPath(order, at)}#${anchorOf(key)}`}>
          {key}
        </a>
      ))}
    </nav>
  );
}
