import { listSpellings, respell } from '../model/query/spellings.ts';
import { findMisspelt, type Misspelt } from './near-words.ts';

/** Of a process: proposals are a courtesy, and answers come first. */
const AT_ONCE_MAX = 2;
/** Searches that see whether a proposal finds something, and when the last of them may begin. */
const TRIES_MAX = 4;
const TRY_MS_MAX = 500;

/** Postgres ended a statement because it took too long. */
const TIMEOUT = '57014';

let now = 0;

/**
 * What a search that found nothing may have meant: the same text with one or more words or names
 * spelt as posts have them. Undefined where nothing near is known, or nothing near finds a post.
 * What it costs has an end: texts longer than a query, or with many unknown words, are left alone.
 * @param finds whether a search for a text finds a post.
 */
export async function meantBy(
  text: string,
  finds: (text: string) => Promise<boolean>,
): Promise<string | undefined> {
  const spellings = listSpellings(text);
  if (spellings.length === 0 || now >= AT_ONCE_MAX) return undefined;
  now += 1;
  const start = performance.now();
  try {
    const misspelt = await findMisspelt(spellings);
    for (const proposal of proposalsOf(text, misspelt)) {
      if (performance.now() - start > TRY_MS_MAX) return undefined;
      if (await finds(proposal)) return proposal;
    }
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code !== TIMEOUT) throw error;
    return undefined;
  } finally {
    now -= 1;
  }
}

/** All with their nearest; then, one after the other, one of them with its next. */
function proposalsOf(text: string, misspelt: Misspelt[]): string[] {
  if (misspelt.length === 0) return [];
  const nearest = misspelt.map(({ spelling, near }) => ({ spelling, to: near[0] ?? '' }));
  const others = misspelt
    .flatMap(({ spelling, near }, n) =>
      near.slice(1).map((to, place) => ({ place, changes: nearest.with(n, { spelling, to }) })),
    )
    .sort((a, b) => a.place - b.place);
  const all = [nearest, ...others.map(({ changes }) => changes)];
  return [...new Set(all.map((changes) => respell(text, changes)))].slice(0, TRIES_MAX);
}
