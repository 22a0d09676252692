import { db } from '../db.ts';
import type { UseWish } from '../model/use-wish.ts';

/** What the publisher of a source says of use by robots; empty when it says nothing. */
export async function getUseWish(slug: string): Promise<UseWish> {
  const feed = await db().feed.findUnique({ where: { slug }, select: { useWish: true } });
  return (feed?.useWish ?? {}) as UseWish;
}
