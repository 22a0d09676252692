import { MOVE_CONFIRMED_MS } from '../model/fetch-policy.ts';

/** A feed's address, and where permanent redirects from it have led so far. */
export interface Moving {
  url: string;
  movedTo: string | null;
  movedSince: Date | null;
}

/** What becomes of them; an undefined `move` stays as it is. */
export interface MoveOutcome {
  move?: { to: string; since: Date } | null;
  /** The feed's address from now on. */
  newUrl?: string;
}

/**
 * Decides on a permanent redirect. It is followed at once, and stored when it has led to the
 * same address for a week: the portal of a hotel's network redirects permanently too. From http to
 * https of one host it is stored at once.
 * @param to where every redirect was permanent (301, 308); undefined when there was none.
 */
export function settleMove(feed: Moving, to: string | undefined, now: Date): MoveOutcome {
  if (to === undefined) return feed.movedTo === null ? {} : { move: null };
  if (isUpgrade(feed.url, to)) return { move: null, newUrl: to };
  if (feed.movedTo !== to || feed.movedSince === null) return { move: { to, since: now } };
  const isConfirmed = now.getTime() - feed.movedSince.getTime() >= MOVE_CONFIRMED_MS;
  return isConfirmed ? { move: null, newUrl: to } : {};
}

function isUpgrade(from: string, to: string): boolean {
  const [old, target] = [new URL(from), new URL(to)];
  return old.protocol === 'http:' && target.protocol === 'https:' && old.host === target.host;
}
