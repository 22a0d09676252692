import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pictureTag } from '../../lib/cache-tags.ts';
import { notePictureSize } from '../../lib/commands/picture-sizes.ts';
import { dbPool } from '../../lib/db.ts';
import { pictureKey } from '../../lib/pictures/picture-cache.ts';
import { findPictureSizes } from '../../lib/queries/picture-sizes.ts';
import { prunePictureSizes, savePictureSizes } from '../../lib/store/picture-sizes.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeFeed, makePost } from '../support/make.ts';

useDatabase();

const [one, two, three] = ['one', 'two', 'three'].map(pictureKey) as [string, string, string];
const WIDE = { width: 300, height: 200 };
const HIGH = { width: 20, height: 30 };

beforeEach(async () => {
  await emptyTables(['picture_sizes', 'cache_events']);
});

/** Cache tags of each event, oldest first. */
async function eventTags(): Promise<string[][]> {
  const { rows } = await dbPool().query<{ tags: string[] }>(
    'SELECT tags FROM cache_events ORDER BY id',
  );
  return rows.map(({ tags }) => tags.sort());
}

describe('sizes of pictures', () => {
  test('make only the pages stale that did not know them', async () => {
    expect(
      await savePictureSizes(
        new Map([
          [one, WIDE],
          [two, null],
        ]),
      ),
    ).toBe(2);
    expect(
      await savePictureSizes(
        new Map([
          [one, WIDE],
          [two, null],
          [three, HIGH],
        ]),
      ),
    ).toBe(1);
    expect(await findPictureSizes([one, two, three, pictureKey('four')])).toEqual(
      new Map([
        [one, WIDE],
        [two, null],
        [three, HIGH],
      ]),
    );
    expect(await eventTags()).toEqual([[one, two].map(pictureTag).sort(), [pictureTag(three)]]);
  });

  test('follow the picture, but outlive its server', async () => {
    await savePictureSizes(new Map([[one, null]]));
    expect(await savePictureSizes(new Map([[one, WIDE]]))).toBe(1);
    expect(await savePictureSizes(new Map([[one, null]]))).toBe(0);
    expect(await findPictureSizes([one])).toEqual(new Map([[one, WIDE]]));
    expect(await savePictureSizes(new Map([[one, HIGH]]))).toBe(1);
    expect(await findPictureSizes([one])).toEqual(new Map([[one, HIGH]]));
    expect(await findPictureSizes([])).toEqual(new Map());
  });

  test('may be told by many processes at once', async () => {
    const keys = Array.from({ length: 200 }, (_, n) => pictureKey(`many-${n}`));
    const told = (order: string[]) => savePictureSizes(new Map(order.map((key) => [key, WIDE])));
    const news = await Promise.all([
      told(keys),
      told([...keys].reverse()),
      told(keys.slice(50)),
      told([...keys.slice(100), ...keys.slice(0, 100)]),
    ]);
    expect(news.reduce((sum, each) => sum + each, 0)).toBe(keys.length);
  });
});

describe('sizes of pictures that no post shows', () => {
  const WEB = 'https://blog.example';
  /** As a body has it; the address in it is none of a picture. */
  const IMAGES = {
    plain: `<p><img src="${WEB}/plain.png"></p>`,
    escaped: `<p><img alt="a &gt; b" src="${WEB}/it.png?a=1&amp;b=&quot;&lt;2&gt;&quot;"/></p>`,
    set: `<p><a href="${WEB}/link.png">A link</a> <img class="wide" src="${WEB}/set.png"></p>`,
    withdrawn: `<img width="3" height="2" src="${WEB}/withdrawn.png">`,
  };
  const shownKeys = [
    'plain.png',
    'it.png?a=1&b="<2>"',
    'set.png',
    'withdrawn.png',
    'plain.png?2',
  ].map((name) => pictureKey(`${WEB}/${name}`));
  const goneKeys = ['gone.png', 'link.png', 'data.png'].map((name) => pictureKey(`${WEB}/${name}`));
  const all = [...shownKeys, ...goneKeys];

  beforeAll(async () => {
    const feedId = await makeFeed();
    for (const [title, html] of Object.entries(IMAGES)) await makePost({ feedId, title, html });
    const two = `<img src="${WEB}/plain.png"><img data-src="${WEB}/data.png" src="${WEB}/plain.png?2">`;
    await makePost({ feedId, title: 'Two', html: two });
    const query = (sql: string) => dbPool().query(sql);
    await query(`UPDATE posts SET shown_html = body_html, shown_version = 1,
      body_html = '<img src="${WEB}/gone.png">' WHERE title = 'set'`);
    await query(`UPDATE posts SET shown_html = '${IMAGES.set}' WHERE title = 'set'`);
    await query(`UPDATE posts SET withdrawn_at = now(), withdrawn_by = 'operator'
      WHERE title = 'withdrawn'`);
  });

  beforeEach(async () => {
    await savePictureSizes(new Map(all.map((key) => [key, WIDE])));
    await emptyTables(['cache_events']);
  });

  const left = async () => [...(await findPictureSizes(all)).keys()].sort();

  test.each([1, 2, 100])('are forgotten, reading %i bodies at once', async (postsAtOnce) => {
    expect(await prunePictureSizes({ postsAtOnce })).toBe(goneKeys.length);
    expect(await left()).toEqual([...shownKeys].sort());
    expect(await prunePictureSizes({ postsAtOnce })).toBe(0);
    // No page shows them, so none is made anew.
    expect(await eventTags()).toEqual([]);
  });

  test('are forgotten in parts, each from another place on', async () => {
    const [first = '', ...others] = [...all].sort();
    const from = Buffer.from(others.at(-1) ?? '', 'hex');
    // The last one, and behind it the first.
    await prunePictureSizes({ from, keysMax: 2 });
    expect(await left()).toEqual(
      all.filter((key) => ![first, others.at(-1)].includes(key) || shownKeys.includes(key)).sort(),
    );
    for (const key of all) await prunePictureSizes({ from: Buffer.from(key, 'hex'), keysMax: 1 });
    expect(await left()).toEqual([...shownKeys].sort());
  });

  test('stay when a worker stops meanwhile', async () => {
    expect(await prunePictureSizes({ signal: AbortSignal.abort() })).toBe(0);
    expect(await left()).toEqual([...all].sort());
  });
});

describe('what readers look at', () => {
  const known = (...keys: string[]) =>
    expect.poll(() => findPictureSizes(keys), { timeout: 5000, interval: 100 });

  test('is written once, with what others look at meanwhile', async () => {
    for (let again = 0; again < 3; again++) notePictureSize(one, WIDE);
    notePictureSize(two, null);
    await known(one, two).toEqual(
      new Map([
        [one, WIDE],
        [two, null],
      ]),
    );
    notePictureSize(one, WIDE);
    notePictureSize(three, HIGH);
    await known(three).toEqual(new Map([[three, HIGH]]));
    expect(await eventTags()).toEqual([[one, two].map(pictureTag).sort(), [pictureTag(three)]]);
  });

  test('is told again by the next reader when it could not be written', async () => {
    // A sequence counts also what is rolled back.
    await dbPool().query(`
      CREATE SEQUENCE tries;
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'the disk is full'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON picture_sizes EXECUTE FUNCTION refuse()`);
    const four = pictureKey('four');
    notePictureSize(four, WIDE);
    const tries = () =>
      dbPool()
        .query<{ called: boolean }>('SELECT is_called AS called FROM tries')
        .then(({ rows }) => rows[0]?.called);
    await expect.poll(tries, { timeout: 5000 }).toBe(true);
    await dbPool().query('DROP TRIGGER refuse ON picture_sizes');
    await expect
      .poll(
        () => {
          notePictureSize(four, WIDE);
          return findPictureSizes([four]);
        },
        { timeout: 5000, interval: 100 },
      )
      .toEqual(new Map([[four, WIDE]]));
  });
});
