import { beforeEach, describe, expect, test } from 'vitest';
import { pictureTag } from '../../lib/cache-tags.ts';
import { notePictureSize } from '../../lib/commands/picture-sizes.ts';
import { dbPool } from '../../lib/db.ts';
import { pictureKey } from '../../lib/pictures/picture-cache.ts';
import { findPictureSizes } from '../../lib/queries/picture-sizes.ts';
import { savePictureSizes } from '../../lib/store/picture-sizes.ts';
import { useDatabase } from '../support/database.ts';

useDatabase();

const [one, two, three] = ['one', 'two', 'three'].map(pictureKey) as [string, string, string];
const WIDE = { width: 300, height: 200 };
const HIGH = { width: 20, height: 30 };

beforeEach(async () => {
  await dbPool().query('TRUNCATE picture_sizes, cache_events');
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
