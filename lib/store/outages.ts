import { dbPool } from '../db.ts';

// One outage of our own network is one notice, however many workers see it, on however many
// machines. Its key is free for the next one when it is over.

const OPEN_KEY = 'network';
/** Feeds are tried again within an hour: a machine that says nothing for longer sees none. */
const SEEN_MINUTES_MAX = 90;

/** Workers or commands of this machine see that the network is down: tells it, or that it goes on. */
export async function reportOutage(machine: string, hosts: number): Promise<void> {
  await dbPool().query(
    `INSERT INTO notices (key, kind, data)
     VALUES ($3, 'network', jsonb_build_object(
       'hosts', $2::int, 'machines', jsonb_build_object($1::text, now())))
     ON CONFLICT (key) DO UPDATE SET data = notices.data || jsonb_build_object(
       'hosts', greatest((notices.data->>'hosts')::int, $2),
       'machines', notices.data->'machines' || jsonb_build_object($1::text, now()))`,
    [machine, hosts, OPEN_KEY],
  );
}

const END_OUTAGE = `
  UPDATE notices SET ended_at = now(), key = format('%s-%s', key, id)
  WHERE key = $1 AND NOT EXISTS (
    SELECT FROM jsonb_each_text(data->'machines') AS seen (machine, at)
    WHERE at::timestamptz > now() - make_interval(mins => $2))`;

/** Hosts answer the workers of this machine: the outage is over, unless others still see it. */
export async function endOutage(machine: string): Promise<void> {
  await dbPool().query(
    `UPDATE notices SET data = jsonb_set(data, ARRAY['machines', $2], 'null', false)
     WHERE key = $1`,
    [OPEN_KEY, machine],
  );
  await endSilentOutage();
}

/** Ends an outage that no machine has seen for a while: whoever saw it is there no more. */
export async function endSilentOutage(): Promise<void> {
  await dbPool().query(END_OUTAGE, [OPEN_KEY, SEEN_MINUTES_MAX]);
}
