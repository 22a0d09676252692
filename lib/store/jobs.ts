import { dbPool, type Tx } from '../db.ts';

export type JobName =
  | 'index-posts'
  | 'match-alerts'
  | 'deliver-mail'
  | 'send-events'
  | 'take-pushes'
  | 'read-mail-reports'
  | 'retag-posts';

/**
 * Wakes a worker at the commit of this transaction. Rows are the truth and a job only says that
 * there are some, so jobs of one name fold into one (job_key); one that has just started does
 * not count, for it may have looked already.
 */
export async function enqueue(tx: Tx | ReturnType<typeof dbPool>, name: JobName): Promise<void> {
  await tx.query(`SELECT graphile_worker.add_job($1, job_key => $1, max_attempts => 25)`, [name]);
}

/** Enqueues outside of any transaction, for the sweeps. */
export async function enqueueNow(name: JobName): Promise<void> {
  await enqueue(dbPool(), name);
}
