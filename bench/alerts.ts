import { chooseAnchors } from '../lib/alerts/choose-anchors.ts';
import { compileQuery } from '../lib/alerts/compile-query.ts';
import { dbPool } from '../lib/db.ts';
import { parseQuery } from '../lib/model/query/parse-query.ts';
import type { QueryTree } from '../lib/model/query/tree.ts';
import { between, chance, word, zipf } from './chance.ts';
import type { FloorAlert, FloorPost } from './floors/match.ts';

const SUBSCRIBER_ALERTS = 10;
/** So frequent that nobody asks for an alert. */
const COMMON_WORDS = 200;
/** Most of them are in no post: an alert is for what is rare. */
const WISHED_WORDS = 100_000;
/** Wishes are spread more evenly over the words than writing is. */
const WISHED_EXPONENT = 0.3;
const INSERTED_AT_ONCE = 200;

interface Wish {
  query: string;
  /** Ranks of its words by the word: higher is rarer. */
  ranks: Map<string, number>;
}

/** Half are one word; the others two words, phrases, exclusions, and a few choices. */
function makeWish(random: () => number, pick: () => number): Wish {
  const ranks = new Map<string, number>();
  const term = () => {
    const rank = COMMON_WORDS + pick();
    ranks.set(word(rank), rank);
    return word(rank);
  };
  const kind = between(random, 1, 100);
  if (kind <= 50) return { query: term(), ranks };
  if (kind <= 70) return { query: `${term()} ${term()}`, ranks };
  if (kind <= 85) return { query: `"${term()} ${term()}"`, ranks };
  if (kind <= 98) return { query: `${term()} -${term()}`, ranks };
  return { query: `${term()} OR ${term()}`, ranks };
}

function readTree(query: string): { key: string; tree: QueryTree } {
  const parsed = parseQuery(query);
  if (parsed.kind === 'invalid') throw new Error(`"${query}": ${parsed.message}`);
  return parsed;
}

/** As storing an alert does, but by the ranks of words: there are no statistics yet. */
const anchorsOf = (tree: QueryTree, ranks: Map<string, number>) =>
  chooseAnchors(tree, {
    lexemesOf: (text) => text.split(' '),
    frequencyOf: (lexeme) => 1 / (ranks.get(lexeme) ?? Number.POSITIVE_INFINITY),
  });

async function insertAlerts(wishes: Wish[], firstIndex: number): Promise<void> {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const rows = wishes.map(({ query, ranks }, n) => {
    const { key, tree } = readTree(query);
    const index = firstIndex + n;
    const subscriber = parameter(1 + Math.floor(index / SUBSCRIBER_ALERTS));
    const cells = [query, key, anchorsOf(tree, ranks), index % 2 ? 'instant' : 'daily'].map(
      parameter,
    );
    const compiled = compileQuery(tree, values.length + 1);
    values.push(...compiled.values);
    const [queryCell, keyCell, anchorsCell, cadenceCell] = cells;
    return `(${subscriber}::int, ${queryCell}, ${keyCell}, ${anchorsCell}::text[], ${cadenceCell}::"AlertCadence",
      ${compiled.sql}, 'active'::"AlertStatus", now() - interval '1 day', now() - interval '1 day')`;
  });
  await dbPool().query(
    `INSERT INTO alerts (subscriber_id, query, query_key, anchors, cadence, tsquery, status,
                         requested_at, confirmed_at)
     VALUES ${rows.join(', ')} ON CONFLICT DO NOTHING`,
    values,
  );
}

/** What the triggers on alerts do: a third of the time it takes them one by one. */
const DO_AS_TRIGGERS = `
  SELECT write_alert_anchors(a) FROM alerts a;
  INSERT INTO alert_words (language, stem, word)
  SELECT DISTINCT s.language, stem[1], word
  FROM (SELECT DISTINCT query_words(tsquery) AS word FROM alerts) AS words, stemmers() AS s,
    ts_lexize(s.stemmer, word) AS stem
  WHERE stem[1] <> ''`;

/**
 * Stores confirmed alerts past requestAlert, which would take a transaction and a mail each.
 * @returns them as they were stored.
 */
export async function storeAlerts(count: number): Promise<FloorAlert[]> {
  const random = chance(3);
  const pick = zipf(WISHED_WORDS, random, WISHED_EXPONENT);
  const wishes = Array.from({ length: count }, () => makeWish(random, pick));
  await dbPool().query(
    `INSERT INTO subscribers (email, email_key, status, confirmed_at)
     SELECT mail, mail, 'confirmed', now() - interval '1 day'
     FROM generate_series(1, $1::int) AS n, format('reader-%s@reader.example', n) AS mail`,
    [Math.ceil(count / SUBSCRIBER_ALERTS)],
  );
  await dbPool().query('ALTER TABLE alerts DISABLE TRIGGER USER');
  for (let at = 0; at < count; at += INSERTED_AT_ONCE) {
    await insertAlerts(wishes.slice(at, at + INSERTED_AT_ONCE), at);
  }
  await dbPool().query('ALTER TABLE alerts ENABLE TRIGGER USER');
  await dbPool().query(DO_AS_TRIGGERS);
  await dbPool().query('VACUUM ANALYZE');
  const { rows } = await dbPool().query<{ id: number; query: string }>(
    'SELECT id, query FROM alerts ORDER BY id',
  );
  return rows.map(({ id, query }) => ({ id, tree: readTree(query).tree }));
}

/** The posts with the fields that alerts look at. */
export async function readPosts(): Promise<FloorPost[]> {
  const { rows } = await dbPool().query<FloorPost>(
    `SELECT id, ARRAY[title] || ARRAY(
              SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
              WHERE pt.post_id = p.id ORDER BY pt.position, t.id) || ARRAY[byline, body_text]
            AS fields
     FROM posts p ORDER BY id`,
  );
  return rows;
}
