import { dbPool } from '../db.ts';
import type { Leaf } from '../model/query/token.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { slugOf } from '../model/slug.ts';

// What the values of fields mean today. An alert keeps the tags that it was asked for with, since
// names of tags change; a search looks for what they mean.

type Field = Extract<Leaf, { kind: 'field' }>;

/** All fields of a query that are named in full. */
function listFields(tree: QueryTree): Field[] {
  switch (tree.kind) {
    case 'field':
      return tree.isPrefix ? [] : [tree];
    case 'not':
      return listFields(tree.part);
    case 'and':
    case 'or':
      return tree.parts.flatMap(listFields);
    default:
      return [];
  }
}

const valuesOf = (tree: QueryTree, name: Field['name']) => [
  ...new Set(listFields(tree).flatMap((field) => (field.name === name ? [field.text] : []))),
];

/** By the slugs of aliases, those of the tags that they mean. */
async function readAliases(slugs: string[]): Promise<Map<string, string[]>> {
  if (slugs.length === 0) return new Map();
  const { rows } = await dbPool().query<{ alias: string; slug: string }>(
    `SELECT a.slug AS alias, t.slug FROM tag_aliases a JOIN tags t ON t.id = a.tag_id
     WHERE a.slug = ANY($1)`,
    [slugs],
  );
  return new Map(rows.map(({ alias, slug }) => [alias, [slug]]));
}

/** By the address forms of names that are no slug of a source, the slugs of those that bear them. */
async function readSourceNames(names: string[]): Promise<Map<string, string[]>> {
  if (names.length === 0) return new Map();
  const { rows: known } = await dbPool().query<{ slug: string }>(
    'SELECT slug FROM feeds WHERE slug = ANY($1)',
    [names],
  );
  const slugs = new Set(known.map(({ slug }) => slug));
  const wanted = new Set(names.filter((name) => !slugs.has(name)));
  if (wanted.size === 0) return new Map();
  // Their number is that of an OPML list, and addresses of names are made here alone.
  const { rows } = await dbPool().query<{ slug: string; titles: string[] }>(
    'SELECT slug, array_remove(ARRAY[title, title_override], NULL) AS titles FROM feeds ORDER BY id',
  );
  const found = rows.flatMap(({ slug, titles }) =>
    [...new Set(titles.map((title) => slugOf(title)))]
      .filter((name) => wanted.has(name))
      .map((name) => ({ name, slug })),
  );
  const byName = Map.groupBy(found, ({ name }) => name);
  return new Map([...byName].map(([name, all]) => [name, all.map(({ slug }) => slug)]));
}

type Meanings = Partial<Record<Field['name'], Map<string, string[]>>>;

function replaceFields(tree: QueryTree, meanings: Meanings): QueryTree {
  switch (tree.kind) {
    case 'field': {
      const texts = tree.isPrefix ? undefined : meanings[tree.name]?.get(tree.text);
      if (texts === undefined) return tree;
      const parts = texts.map((text): QueryTree => ({ ...tree, text }));
      return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts };
    }
    case 'not':
      return { kind: 'not', part: replaceFields(tree.part, meanings) };
    case 'and':
    case 'or':
      return {
        kind: tree.kind,
        parts: tree.parts.map((part) => replaceFields(part, meanings)),
      };
    default:
      return tree;
  }
}

/** A query with the slugs of sources where it has their names: `source:"LWN.net"`. */
export async function resolveSources(tree: QueryTree): Promise<QueryTree> {
  return replaceFields(tree, { source: await readSourceNames(valuesOf(tree, 'source')) });
}

/** The same, with the tags that names mean at this moment. */
export async function resolveFields(tree: QueryTree): Promise<QueryTree> {
  const [tag, source] = await Promise.all([
    readAliases(valuesOf(tree, 'tag')),
    readSourceNames(valuesOf(tree, 'source')),
  ]);
  return replaceFields(tree, { tag, source });
}

/** More names than these are looked for by their words. */
const AUTHORS_MAX = 50;

/**
 * A query whose authors are the names that have the words: `author:barr` means every Barr.
 * Undefined where they are too many, or none.
 */
export async function nameAuthors(tree: QueryTree): Promise<QueryTree | undefined> {
  const names = new Map<string, string[]>();
  for (const words of valuesOf(tree, 'author')) {
    const { rows } = await dbPool().query<{ name: string }>(
      `SELECT DISTINCT name FROM authors
       WHERE to_tsvector('tagwire'::regconfig, name) @@ phraseto_tsquery('tagwire', $1)
       ORDER BY name LIMIT ${AUTHORS_MAX + 1}`,
      [words],
    );
    if (rows.length === 0 || rows.length > AUTHORS_MAX) return undefined;
    names.set(
      words,
      rows.map(({ name }) => name),
    );
  }
  return replaceFields(tree, { author: names });
}
