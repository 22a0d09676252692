import { dbPool } from '../db.ts';

/** A poll that brought an archive, and what became of its old items. */
export interface FloodRow {
  id: number;
  feedUrl: string;
  source: string;
  posts: number;
  state: 'held' | 'released' | 'dropped';
  foundAt: Date;
  decidedAt: Date | null;
  /** Titles of its newest posts. */
  titles: string[];
}

const TITLES_SHOWN = 3;

/** The floods that wait for a decision, the latest first; with `all` also those decided. */
export async function listFloods(all = false): Promise<FloodRow[]> {
  const { rows } = await dbPool().query<FloodRow>(
    `SELECT fl.id, f.url AS "feedUrl", coalesce(f.title_override, f.title) AS source, fl.posts,
            fl.state, fl.found_at AS "foundAt", fl.decided_at AS "decidedAt",
            ARRAY(SELECT p.title FROM posts p WHERE p.flood_id = fl.id
                  ORDER BY p.sort_at DESC, p.id DESC LIMIT $2) AS titles
     FROM floods fl JOIN feeds f ON f.id = fl.feed_id
     WHERE $1 OR fl.state = 'held' ORDER BY fl.id DESC`,
    [all, TITLES_SHOWN],
  );
  return rows;
}
