import pg from 'pg';
import { dbPool } from '../../lib/db.ts';

/** What empties tables, by their names: the schema is the same for all files of a process. */
const known = new Map<string, string>();

/**
 * Tables with all that refer to them, the sequences that number their rows, and whether a trigger is
 * told when they are truncated (TRIGGER_TYPE_TRUNCATE of pg_trigger.h).
 */
const CONCERNED = `
  WITH RECURSIVE concerned AS (
    SELECT unnest($1::regclass[])::oid AS id
    UNION
    SELECT c.conrelid FROM pg_constraint c JOIN concerned ON c.confrelid = concerned.id
    WHERE c.contype = 'f')
  SELECT id::regclass::text AS name, array_remove(array_agg(s.objid::regclass::text), NULL) AS sequences,
    EXISTS (SELECT FROM pg_trigger WHERE tgrelid = id AND tgtype & 32 <> 0) AS "isTold"
  FROM concerned
  LEFT JOIN pg_depend s ON s.refobjid = id AND s.classid = 'pg_class'::regclass
    AND s.deptype IN ('a', 'i') AND (SELECT relkind FROM pg_class WHERE oid = s.objid) = 'S'
  GROUP BY id`;

interface Concerned {
  name: string;
  sequences: string[];
  isTold: boolean;
}

async function statementsFor(tables: string[], isNumberedAnew: boolean): Promise<string> {
  const { rows } = await dbPool().query<Concerned>(CONCERNED, [tables]);
  const restarts = rows.flatMap(({ sequences }) =>
    sequences.map((sequence) => `SELECT setval(${pg.escapeLiteral(sequence)}, 1, false)`),
  );
  // Sent together, they are one transaction, which leaves nothing behind when it fails.
  return [
    ...rows.filter(({ isTold }) => isTold).map(({ name }) => `TRUNCATE ${name}`),
    // No triggers of rows, as with TRUNCATE; and all that refers to a row goes with it.
    'SET LOCAL session_replication_role = replica',
    ...rows.map(({ name }) => `DELETE FROM ${name}`),
    ...(isNumberedAnew ? restarts : []),
  ].join(';\n');
}

/**
 * Empties tables and all that refer to them. TRUNCATE does the same, but makes new files for every
 * table and index, which takes a test of a few rows longer than all that it does.
 * @param options.isNumberedAnew their rows begin at 1 again.
 */
export async function emptyTables(
  tables: string[],
  { isNumberedAnew = false } = {},
): Promise<void> {
  const key = `${tables} ${isNumberedAnew}`;
  let statements = known.get(key);
  if (statements === undefined) {
    statements = await statementsFor(tables, isNumberedAnew);
    known.set(key, statements);
  }
  await dbPool().query(statements);
}
