import { cacheLife, cacheTag } from 'next/cache';
import { everythingTag } from '../../lib/cache-tags.ts';
import type { Card } from '../../lib/cards/draw-card.ts';
import { config } from '../../lib/config.ts';
import type { CardKind } from '../../lib/model/card-address.ts';
import type { PostView } from '../../lib/model/post.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import { count, hueOf, splitAddress, writeDay } from '../_components/text.ts';
import { type FoundHead, LIFE, readListHead } from './lists.ts';
import { readPost } from './pages.ts';

export type CardLookup =
  | { kind: 'card'; card: Card }
  | { kind: 'moved'; to: { kind: CardKind; name: string | number } }
  | { kind: 'withdrawn' }
  | { kind: 'none' };

/** Bars of a chart. */
const MONTHS = 36;
/** Larger numbers are no ids. */
const ID_MAX = 2 ** 31 - 1;

/** Posts of each of the last MONTHS months, the current one last. */
function barsOf(months: MonthCount[]): number[] {
  const byMonth = new Map(months.map(({ month, posts }) => [month, posts]));
  const newest = months.at(-1)?.month ?? '';
  const [year = 0, number = 0] = newest.split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, n) => {
    const at = year * 12 + number - MONTHS + n;
    return byMonth.get(`${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`) ?? 0;
  });
}

function postCard(post: PostView): Card {
  const at = post.publishedAt ?? post.firstSeenAt;
  const author = post.byline || post.source.title;
  const from = author === post.source.title ? author : `${author} · ${post.source.title}`;
  return {
    label: config().siteTitle,
    titles: [post.title, post.source.title, config().siteTitle],
    foot: { left: `Post Syndicated from ${from}`, right: writeDay(at) },
  };
}

/** A cached read, so that what is drawn from it can be kept. */
async function readSiteCard(): Promise<Card> {
  'use cache';
  cacheLife(LIFE);
  cacheTag(everythingTag());
  const { host } = splitAddress(config().siteUrl);
  return {
    label: 'Blogs and news, by tag',
    titles: [config().siteTitle, host],
    foot: { left: 'Tag archives, feeds, search and alerts', right: host },
  };
}

/** Of several tags together there is none of their own. */
function listCard(head: FoundHead): Card | undefined {
  const { siteTitle } = config();
  switch (head.kind) {
    case 'tag': {
      const { name, slug, posts, sources, months } = head.summary;
      return {
        label: 'Tag Archives',
        titles: [name, slug, siteTitle],
        hue: hueOf(slug),
        bars: barsOf(months),
        foot: {
          left: `${count(posts, 'post')} from ${count(sources, 'source')}`,
          right: siteTitle,
        },
      };
    }
    case 'source': {
      const { source, months } = head;
      return {
        label: 'Source',
        titles: [source.title, splitAddress(source.siteUrl ?? source.url).host],
        hue: hueOf(source.slug),
        bars: barsOf(months),
        foot: { left: count(source.posts, 'post'), right: siteTitle },
      };
    }
    case 'author':
      return {
        label: 'Author',
        titles: [head.author.name, head.author.source.title],
        foot: { left: head.author.source.title, right: siteTitle },
      };
    default:
      return undefined;
  }
}

async function findPostCard(name: string): Promise<CardLookup> {
  const id = Number(name);
  if (!/^[1-9]\d{0,9}$/u.test(name) || id > ID_MAX) return { kind: 'none' };
  const found = await readPost(id);
  switch (found.kind) {
    case 'post':
      return { kind: 'card', card: postCard(found.post) };
    case 'merged':
      return { kind: 'moved', to: { kind: 'post', name: found.into } };
    default:
      return found;
  }
}

/** What stands on a card, or why there is none. @param name as the database has it. */
export async function findCard(kind: CardKind, name: string): Promise<CardLookup> {
  switch (kind) {
    case 'post':
      return findPostCard(name);
    case 'site':
      return name === 'all' ? { kind: 'card', card: await readSiteCard() } : { kind: 'none' };
    case 'tag':
    case 'source':
    case 'author': {
      const head = await readListHead(kind, name);
      if (head.kind === 'alias') return { kind: 'moved', to: { kind, name: head.slug } };
      if (head.kind === 'none' || head.kind === 'too-many') return { kind: 'none' };
      const card = listCard(head);
      return card === undefined ? { kind: 'none' } : { kind: 'card', card };
    }
  }
}
