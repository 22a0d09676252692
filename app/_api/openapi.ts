import { config } from '../../lib/config.ts';
import { FILTER_PARAMETERS } from '../../lib/model/search-address.ts';
import { TAG_ORDERS } from '../../lib/model/tag-index.ts';

// What the JSON API says of itself (OpenAPI 3.1), for programs that make clients of it.

const text = { type: 'string' } as const;
const number = { type: 'integer' } as const;
const maybe = (schema: { type: string }) => ({ ...schema, type: [schema.type, 'null'] });
const time = { type: 'string', format: 'date-time' } as const;
const url = { type: 'string', format: 'uri' } as const;
const list = (items: object) => ({ type: 'array', items });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const object = (properties: Record<string, object>, optional: string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const next = { ...maybe(url), description: 'Where the answer goes on; null at its end.' };
const counted = object({ slug: text, name: text, posts: number });
const month = object({ month: { ...text, description: 'YYYY-MM' }, posts: number });
const sourceName = object({ slug: text, title: text, url: maybe(url) });

const POST = {
  id: number,
  title: text,
  url: { ...url, description: 'The original.' },
  page: { ...url, description: 'Here.' },
  byline: text,
  authors: list(object({ slug: text, name: text })),
  source: sourceName,
  alsoIn: list(sourceName),
  tags: list(object({ slug: text, name: text })),
  published: maybe(time),
  updated: maybe(time),
  firstSeen: time,
  language: maybe(text),
  words: number,
  display: { type: 'string', enum: ['full', 'excerpt', 'link'] },
  summary: { ...maybe(text), description: 'Null where its publisher wants a link alone.' },
  html: { ...maybe(text), description: 'Null where its publisher wants less than all shown.' },
  picture: maybe(url),
  enclosures: list(object({ url, type: text, length: number }, ['type', 'length'])),
  comments: maybe(url),
  licence: { ...object({ url, text }, ['url', 'text']), type: ['object', 'null'] },
};
const { html: _, ...FOUND_POST } = POST;
const TAG_COUNT = { slug: text, name: text, posts: number, page: url };
const SOURCE = {
  slug: text,
  title: text,
  description: maybe(text),
  url: maybe(url),
  feed: url,
  page: url,
  status: { type: 'string', enum: ['active', 'paused', 'gone'] },
  posts: number,
  last: { ...maybe(time), description: 'Of its newest post.' },
  read: { ...maybe(time), description: 'When it was last read well.' },
  failing: {
    ...object({ since: maybe(time), why: maybe(text) }),
    type: ['object', 'null'],
  },
};

const SCHEMAS = {
  Post: object(POST),
  FoundPost: object({
    ...FOUND_POST,
    passage: { ...text, description: 'Where its text matches best.' },
  }),
  TagCount: object(TAG_COUNT),
  Tag: object({
    ...TAG_COUNT,
    aliases: list(text),
    first: maybe(time),
    last: maybe(time),
    months: list(month),
    related: list(ref('TagCount')),
    sources: list(counted),
    authors: list(counted),
  }),
  SourceSummary: object(SOURCE),
  Source: object({
    ...SOURCE,
    months: list(month),
    tags: list(ref('TagCount')),
    authors: list(counted),
  }),
  Posts: object({ posts: list(ref('Post')), next }),
  Tags: object({ tags: list(ref('TagCount')), total: number, next }),
  Sources: object({ sources: list(ref('SourceSummary')), total: number, next }),
  Found: object({
    posts: list(ref('FoundPost')),
    total: { ...number, description: 'Not counted beyond 1,000.' },
    isPartial: { type: 'boolean', description: 'No post has all words: these have some.' },
    didYouMean: maybe(text),
    answeredBy: { type: 'string', enum: ['index', 'database'] },
    next,
  }),
  Problem: object({ type: text, title: text, status: number, detail: text }),
};

const query = (name: string, schema: object = text) => ({ name, in: 'query', schema });
const inPath = (name: string, schema: object = text) => ({
  name,
  in: 'path',
  required: true,
  schema,
});

/** One address: what it answers with, and what can be asked. */
function get(summary: string, schema: keyof typeof SCHEMAS, parameters: object[] = []) {
  const content = { 'application/json': { schema: ref(schema) } };
  const problem = { 'application/problem+json': { schema: ref('Problem') } };
  return {
    get: {
      summary,
      operationId: `get${schema}`,
      ...(parameters.length === 0 ? {} : { parameters }),
      responses: {
        200: { description: summary, content },
        default: { description: 'Why not, after RFC 9457', content: problem },
      },
    },
  };
}

/** The description of the JSON API. */
export function openApi() {
  const { siteTitle, siteUrl } = config();
  return {
    openapi: '3.1.0',
    info: {
      title: siteTitle,
      version: '1',
      description: 'What the site shows, for programs. Reads only, and needs no key.',
    },
    servers: [{ url: `${siteUrl}/api/v1` }],
    paths: {
      '/posts': get('The newest posts, of all or of one list', 'Posts', [
        query('tag'),
        query('source'),
        query('author'),
        query('month'),
        query('before'),
      ]),
      '/posts/{id}': get('One post', 'Post', [inPath('id', number)]),
      '/tags': get('All tags', 'Tags', [
        query('order', { type: 'string', enum: TAG_ORDERS }),
        query('page', number),
      ]),
      '/tags/{slug}': get('One tag', 'Tag', [inPath('slug')]),
      '/sources': get('All sources by name', 'Sources', [query('page', number)]),
      '/sources/{slug}': get('One source', 'Source', [inPath('slug')]),
      '/search': get('Posts that a search finds', 'Found', [
        ...FILTER_PARAMETERS.map((name) => query(name)),
        query('order', { type: 'string', enum: ['newest'] }),
        query('page', number),
      ]),
    },
    components: { schemas: SCHEMAS },
  };
}
