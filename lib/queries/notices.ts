import { dbPool } from '../db.ts';
import type { Notice } from '../model/notice.ts';

/** What is over is listed for so long, unless everything is asked for. */
const ENDED_DAYS_LISTED = 30;
const LISTED_MAX = 1000;

type NoticeRow = Omit<Notice, 'createdAt' | 'endedAt' | 'mailedAt'> & {
  createdAt: Date;
  endedAt: Date | null;
  mailedAt: Date | null;
};

const COLUMNS = `
  SELECT id, kind, data, created_at AS "createdAt", ended_at AS "endedAt", mailed_at AS "mailedAt"
  FROM notices`;

const toNotice = (row: NoticeRow) =>
  ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    mailedAt: row.mailedAt?.toISOString() ?? null,
  }) as Notice;

/**
 * What the operator was told, newest first: what is still so, and what was over in the last 30
 * days, or with `all` everything that is kept.
 */
export async function listNotices(options: { all?: boolean; limit?: number } = {}) {
  const { all = false, limit = LISTED_MAX } = options;
  const { rows } = await dbPool().query<NoticeRow>(
    `${COLUMNS} WHERE $1 OR ended_at IS NULL OR ended_at > now() - make_interval(days => $2)
     ORDER BY ended_at IS NULL DESC, created_at DESC, id DESC LIMIT $3`,
    [all, ENDED_DAYS_LISTED, limit],
  );
  return rows.map(toNotice);
}

/** The notices that a mail tells, oldest first. */
export async function listDeliveryNotices(deliveryId: number): Promise<Notice[]> {
  const { rows } = await dbPool().query<NoticeRow>(
    `${COLUMNS} WHERE delivery_id = $1 ORDER BY created_at, id`,
    [deliveryId],
  );
  return rows.map(toNotice);
}
