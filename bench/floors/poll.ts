import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import pg from 'pg';
import RssParser from 'rss-parser';
import { Pool as HttpPool } from 'undici';
import type { FeedFarm } from '../feed-farm.ts';

// The floor of polling: one undici pool, rss-parser inline, one insert a feed. No guard, no
// claims, no repairs, no sanitising, no identity across feeds.

const CONNECTIONS_MAX = 4;

const TABLES = `
  CREATE TABLE feed (path text PRIMARY KEY, etag text, modified text, checked timestamptz);
  CREATE TABLE post (
    id bigserial PRIMARY KEY, feed text NOT NULL REFERENCES feed, guid text NOT NULL, url text,
    title text, author text, html text, published timestamptz, tags text[], UNIQUE (feed, guid));
  CREATE INDEX post_published ON post (published DESC, id DESC)`;

/** What keeping a post's words for alerts costs at least. */
const WORDS = `
  ALTER TABLE post ADD words tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', coalesce(title || ' ', '') || html)) STORED;
  CREATE INDEX post_words ON post USING gin (words)`;

const SAVE = `
  WITH polled AS (
    UPDATE feed SET etag = $2, modified = $3, checked = now() WHERE path = $1)
  INSERT INTO post (feed, guid, url, title, author, html, published, tags)
  SELECT $1, guid, url, title, author, html, published, string_to_array(tags, E'\\x1f')
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
              $10::text[]) AS r (guid, url, title, author, html, published, tags)
  ON CONFLICT (feed, guid) DO NOTHING`;

interface Known {
  path: string;
  etag: string | null;
  modified: string | null;
}

interface Extra {
  full?: string;
  author?: string;
  /** Of Atom, which rss-parser reads as it does of RSS when told so. */
  id?: string;
}

const parser = new RssParser<object, Extra>({
  customFields: { item: [['content:encoded', 'full'], 'id'] },
});
const unzip = promisify(gunzip);

const decode = (bytes: Buffer, contentType: string) =>
  new TextDecoder(/charset=([\w-]+)/u.exec(contentType)?.[1] ?? 'utf-8').decode(bytes);

/** What a poller without any care would do for the same posts. */
export class FloorPoller {
  readonly #farm: FeedFarm;
  readonly #database: pg.Pool;
  readonly #http: HttpPool;
  readonly #lanes: number;

  /** @param lanes how many feeds are in flight at a time. */
  constructor(farm: FeedFarm, databaseUrl: string, lanes: number) {
    this.#farm = farm;
    this.#database = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS_MAX });
    // Closing does not wait for the last words of a server that stops right after.
    this.#database.on('error', () => {});
    this.#http = new HttpPool(farm.url, { connections: lanes, pipelining: 1 });
    this.#lanes = lanes;
  }

  /**
   * Makes the tables anew, with the farm's feeds and no posts.
   * @param options.words whether a post's words are kept too, with an index.
   */
  async reset(options: { words?: boolean } = {}): Promise<void> {
    const words = options.words ? WORDS : '';
    await this.#database.query(`DROP TABLE IF EXISTS post, feed; ${TABLES}; ${words}`);
    const paths = Array.from({ length: this.#farm.feeds }, (_, n) => this.#farm.pathOf(n + 1));
    await this.#database.query('INSERT INTO feed (path) SELECT unnest($1::text[])', [paths]);
  }

  /** Fetches all feeds and does nothing with them. */
  async fetchAll(): Promise<void> {
    await this.#each(async (feed) => {
      await this.#fetch({ ...feed, etag: null, modified: null });
    });
  }

  /** Polls all feeds. @returns how many posts there are then. */
  async pollAll(): Promise<number> {
    const unchanged: string[] = [];
    await this.#each(async (feed) => {
      if (!(await this.#poll(feed))) unchanged.push(feed.path);
    });
    await this.#database.query('UPDATE feed SET checked = now() WHERE path = ANY($1)', [unchanged]);
    const { rows } = await this.#database.query<{ n: number }>('SELECT count(*)::int n FROM post');
    return rows[0]?.n ?? 0;
  }

  async #each(work: (feed: Known) => Promise<void>): Promise<void> {
    const { rows } = await this.#database.query<Known>('SELECT path, etag, modified FROM feed');
    const lane = async () => {
      for (let feed = rows.pop(); feed !== undefined; feed = rows.pop()) await work(feed);
    };
    await Promise.all(Array.from({ length: this.#lanes }, lane));
  }

  async #fetch({ path, etag, modified }: Known) {
    const headers = {
      'accept-encoding': 'gzip',
      ...(etag ? { 'if-none-match': etag } : {}),
      ...(modified ? { 'if-modified-since': modified } : {}),
    };
    const answer = await this.#http.request({ path, method: 'GET', headers });
    const bytes = await answer.body.arrayBuffer();
    if (answer.statusCode === 304) return undefined;
    return { headers: answer.headers, bytes: await unzip(bytes) };
  }

  async #poll(feed: Known): Promise<boolean> {
    const answer = await this.#fetch(feed);
    if (answer === undefined) return false;
    const { headers, bytes } = answer;
    const { items } = await parser.parseString(decode(bytes, String(headers['content-type'])));
    await this.#database.query({
      name: 'save',
      text: SAVE,
      values: [
        feed.path,
        headers.etag ?? null,
        headers['last-modified'] ?? null,
        items.map((item) => item.guid ?? item.id),
        items.map((item) => item.link),
        items.map((item) => item.title),
        items.map((item) => item.creator ?? item.author),
        items.map((item) => item.full ?? item.content),
        items.map((item) => item.isoDate),
        items.map((item) => (item.categories ?? []).map(String).join('\x1f')),
      ],
    });
    return true;
  }

  async close(): Promise<void> {
    await this.#http.destroy();
    await this.#database.end();
  }
}
