import { setImmediate as nextTurn } from 'node:timers/promises';
import { setBody, unsetBody } from '../../lib/ingest/set-body.ts';
import { log } from '../../lib/log.ts';
import { listUnsetBodies, writeShownBodies } from '../../lib/store/set-bodies.ts';

const BATCH_POSTS = 50;

/**
 * Sets bodies by the rules of today that older ones have set: after an upgrade, once. Names of
 * places and links for frames, which the body itself has not, are taken from how it was set. May run twice and anywhere.
 * @param signal stops it between two batches.
 * @returns how many.
 */
export async function setBodies(signal?: AbortSignal): Promise<number> {
  let done = 0;
  while (!signal?.aborted) {
    const bodies = await listUnsetBodies(BATCH_POSTS);
    if (bodies.length === 0) break;
    const shown = [];
    for (const body of bodies) {
      const { bodyHtml, shownHtml, url } = body;
      const marked = unsetBody(shownHtml, bodyHtml);
      shown.push({ ...body, shownHtml: setBody(marked, bodyHtml, url) });
      // A long one takes a tenth of a second: others have their turn in between.
      await nextTurn();
    }
    await writeShownBodies(shown);
    done += bodies.length;
  }
  if (done > 0) log.info('posts.set', { posts: done });
  return done;
}
