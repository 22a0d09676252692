const DAY_MS = 24 * 60 * 60_000;
/** What somebody did a year ago says little of what is to come. */
export const RHYTHM_DAYS = 91;
const DAYS_A_MONTH = 365.25 / 12;

/** How many posts there were of late. */
export interface Recent {
  posts: number;
  /** Of the first post that there is; when that is later than RHYTHM_DAYS ago, time counts from it. */
  firstAt: Date;
}

/** `about 3 a week`, to stand after a number of posts; undefined for what had no post of late. Pure. */
export function writeRhythm({ posts, firstAt }: Recent, now: Date): string | undefined {
  if (posts === 0) return undefined;
  const age = (now.getTime() - firstAt.getTime()) / DAY_MS;
  // Within a week nobody has a rhythm yet.
  const days = Math.min(RHYTHM_DAYS, Math.max(7, age));
  const about = (number: number, unit: string) => `about ${Math.round(number)} a ${unit}`;
  if (posts / days >= 1) return about(posts / days, 'day');
  if ((posts / days) * 7 >= 0.9) return about((posts / days) * 7, 'week');
  if ((posts / days) * DAYS_A_MONTH >= 0.9) return about((posts / days) * DAYS_A_MONTH, 'month');
  return 'less than one a month';
}

/** When posts begin to count for a rhythm. */
export const recentSince = (now: Date) => new Date(now.getTime() - RHYTHM_DAYS * DAY_MS);
