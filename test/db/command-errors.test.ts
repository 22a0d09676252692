import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { config } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { FEED_BYTES_MAX } from '../../lib/ingest/limits.ts';
import { addFeeds, listFeeds } from '../../lib/store/feeds.ts';
import { useDatabase } from '../support/database.ts';
import { type Answer, type LyingServer, startLyingServer } from '../support/lying-server.ts';
import { allowLoopback } from '../support/polled-site.ts';
import { type CommandEnd, runCommand, runTagwire } from '../support/run-command.ts';

useDatabase();

const PAGE = '<!doctype html><html><title>A blog</title><p>Not a feed.</p></html>';
const NOISE = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 31 + 7 * i) % 251));
const HUGE = Buffer.alloc(FEED_BYTES_MAX + 1, ' ');
let server: LyingServer;
let folder: string;

const answerWith =
  (type: string, body: string | Buffer, headers = {}): Answer =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': type, ...headers }).end(body);

beforeAll(async () => {
  allowLoopback();
  server = await startLyingServer({
    '/page': answerWith('text/html', PAGE),
    '/noise': answerWith('application/rss+xml', NOISE),
    '/huge': answerWith('application/rss+xml', HUGE),
    '/bomb': answerWith('application/rss+xml', gzipSync(HUGE), { 'content-encoding': 'gzip' }),
    '/empty': answerWith('application/rss+xml', ''),
  });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-errors-'));
});
afterAll(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true });
});

/** The command has failed with words for a person, which say what and why. */
function expectRefusal({ end, stderr }: CommandEnd, ...words: (string | RegExp)[]): void {
  expect(stderr).not.toContain('this should not happen');
  expect(stderr).not.toMatch(/^ +at /mu);
  for (const word of words) expect(stderr).toMatch(word);
  expect(end).toBe('code 1');
}

/** What a server may have at an address that is given as a feed's, and the words for it. */
const NO_FEEDS: [place: string, why: RegExp][] = [
  ['/nowhere', /404/u],
  ['/page', /web page, not a feed/u],
  ['/noise', /neither RSS, Atom nor JSON Feed/u],
  ['/huge', /8 MB/u],
  ['/bomb', /8 MB/u],
  ['/empty', /empty/u],
];

describe('words that are no command', () => {
  test.each([
    [['feed'], /^tagwire: Unknown command 'feed'\. \(Did you mean feeds\?\)\n/u, 'bin/tagwire'],
    [['feeds', 'show'], /^tagwire: Missing required argument 'url'\.\n/u, 'bin/tagwire feeds show'],
    [['posts', 'show', 'x'], /It must be the number of a post/u, 'bin/tagwire posts show'],
    [['tags', 'list', '--all'], /^tagwire: Unknown option '--all'\./u, 'bin/tagwire tags list'],
  ])('%j are answered with what is wrong and where to read on', async (args, why, name) => {
    const command = await runCommand(args);
    expectRefusal(command, why, `\n  \`${name} --help\` says how it is used.\n`);
    expect(command.stdout).toBe('');
  });
});

describe('reindex', () => {
  const MEILI_INDEX = `errors-${crypto.randomUUID()}`;

  test('says who refuses which key', async () => {
    const command = await runCommand(['reindex'], { MEILI_KEY: 'another key', MEILI_INDEX });
    expectRefusal(command, 'refuses MEILI_KEY: ', '\n  Set MEILI_KEY to its master key');
  });

  test('prints its result, and no line of a log that nobody asked for', async () => {
    expect(await runTagwire(['reindex'], { LOG_LEVEL: '', MEILI_INDEX })).toEqual({
      end: 'code 0',
      stdout: '0 posts indexed\n',
      stderr: '',
    });
  });
});

describe('migrate', () => {
  test('says that the database is not there, and how it is made', async () => {
    // Roles are the server's, and outlive this file's database.
    const guest = `guest_${crypto.randomUUID().replaceAll('-', '')}`;
    await dbPool().query(`CREATE ROLE ${guest} LOGIN PASSWORD 'hunter2'`);
    const url = new URL(config().databaseUrl ?? '');
    Object.assign(url, { username: guest, password: 'hunter2', pathname: '/no_such' });
    const command = await runCommand(['migrate'], { DATABASE_URL: url.href });
    expectRefusal(command, /The database no_such at 127.+ not brought up to date/u, 'createdb');
    expect(command.stderr).toMatch(/ended with code 1: Error: .*permission denied to create/u);
    expect(command.stderr).not.toMatch(/hunter2|Loaded Prisma config/u);
  });
});

describe('check-url', () => {
  test('names FETCH_ALLOW only where it helps', async () => {
    const refused = '1 of 1 addresses would not be fetched';
    expectRefusal(await runCommand(['check-url', 'http://10.0.0.1/']), refused, /FETCH_ALLOW/u);
    const command = await runCommand(['check-url', 'http://nobody.invalid/']);
    expectRefusal(command, refused, 'Correct what the lines say');
    expect(command.stderr).not.toContain('FETCH_ALLOW');
  });
});

describe('feeds add', () => {
  test.each(NO_FEEDS)('says why %s is no feed, and adds nothing', async (place, why) => {
    const url = server.url + place;
    const command = await runCommand(['feeds', 'add', url]);
    expectRefusal(command, url, why);
    expect(command.stdout).toBe('');
    expect(await listFeeds()).toEqual([]);
  });

  test.each([
    ['not an address', /"not an address" is no address/u],
    ['ftp://127.0.0.1/feed', /ftp:\/\/127\.0\.0\.1\/feed is not fetched: .+served by http:/su],
    ['http://user:pw@127.0.0.1/feed', /is not fetched: .+password.+Give it without/su],
    ['http://10.0.0.1/feed', /is not fetched: .+FETCH_ALLOW/su],
    ['http://127.0.0.1:9/feed', /cannot be fetched: 127\.0\.0\.1:9: nothing listens there/u],
    ['http://no-such-host.invalid/feed', /no-such-host\.invalid/u],
  ])('says what is wrong with %s', async (url, why) => {
    expectRefusal(await runCommand(['feeds', 'add', url]), why);
  });
});

describe('feeds import', () => {
  test.each([
    ['noise', NOISE],
    ['page.html', PAGE],
    ['empty', ''],
  ])('says that %s lists no feeds', async (name, bytes) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, bytes);
    expectRefusal(await runCommand(['feeds', 'import', file]), `${name} lists no feeds`);
  });

  test('says which file it cannot read', async () => {
    const file = path.join(folder, 'not-there.opml');
    expectRefusal(await runCommand(['feeds', 'import', file]), /not-there\.opml cannot be read/u);
  });
});

describe('poll', () => {
  test('says that there is no feed with an unknown address', async () => {
    const url = 'https://nobody.example/feed';
    expectRefusal(
      await runCommand(['poll', url]),
      `There is no feed with the address ${url}`,
      'bin/tagwire feeds add',
    );
  });

  test('says for each feed that failed what failed, and ends with 1', async () => {
    await addFeeds(NO_FEEDS.map(([place]) => ({ url: server.url + place, tags: [] })));
    const command = await runCommand(['poll', '--all']);
    expectRefusal(command, `${NO_FEEDS.length} feeds polled, ${NO_FEEDS.length} of them failed`);
    const lines = command.stdout.trim().split('\n');
    expect(lines).toHaveLength(NO_FEEDS.length);
    for (const [place, why] of NO_FEEDS) {
      const line = lines.find((each) => each.includes(` ${server.url}${place} `));
      expect(line).toMatch(why);
    }
  });
});

describe('parse', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['page.html', PAGE, /web page, not a feed/u],
    ['noise.xml', NOISE, /neither RSS, Atom nor JSON Feed/u],
    ['huge.xml', HUGE, /: It is over 8 MB/u],
    ['empty.xml', '', /empty/u],
  ])('says why %s is no feed', async (name, bytes, why) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, bytes);
    const command = await runCommand(['parse', file]);
    expectRefusal(command, file, why);
    expect(command.stdout).toBe('');
  });

  test('says that there is no such file, and that a folder is none', async () => {
    expectRefusal(await runCommand(['parse', path.join(folder, 'none.xml')]), /none\.xml/u);
    expectRefusal(await runCommand(['parse', folder]), folder);
  });
});

describe('web and worker', () => {
  const settings = {
    DATABASE_URL: 'postgresql://x@127.0.0.1:1/gone',
    SITE_SECRET: 'a secret for tests that is long enough',
    PORT: '0',
  };

  test.each(['web', 'worker'])(
    '%s ends at once where its database cannot be reached',
    async (name) => {
      expectRefusal(await runTagwire([name], settings), 'The database gone', 'ECONNREFUSED');
    },
  );

  test('web ends at once without the secret that it needs', async () => {
    expectRefusal(
      await runTagwire(['web'], { ...settings, SITE_SECRET: '' }),
      'SITE_SECRET is not',
    );
  });
});

describe('a list of feeds', () => {
  test('is taken without looking any name up, and first polled spread over time', async () => {
    const lines = Array.from(
      { length: 60 },
      (_, i) => `<outline text="Feed ${i}" xmlUrl="https://host${i}.invalid/feed"/>`,
    );
    const file = path.join(folder, 'many.opml');
    const bad = '<outline text="Inside" xmlUrl="http://169.254.169.254/feed"/>';
    fs.writeFileSync(file, `<opml version="2.0"><body>${lines.join('')}${bad}</body></opml>`);
    const end = await runCommand(['feeds', 'import', file]);
    expectRefusal(end, '61 feeds listed: 60 added, 0 already there, 1 refused');
    expect(end.stdout).toMatch(/^refused +http:\/\/169/mu);
    const feeds = (await listFeeds()).filter((feed) => feed.url.includes('.invalid/'));
    const times = feeds.map((feed) => feed.nextCheckAt.getTime());
    expect(Math.max(...times) - Math.min(...times)).toBe(59 * 2000);
  });

  test('takes tags for each feed that is added', async () => {
    const args = ['feeds', 'add', '--no-check', '--tag', 'One', '--tag', 'Two'];
    expect((await runCommand([...args, 'https://tagged.invalid/feed'])).end).toBe('code 0');
    const feed = (await listFeeds()).find(({ url }) => url === 'https://tagged.invalid/feed');
    expect(feed?.feedTags).toEqual(['One', 'Two']);
  });
});
