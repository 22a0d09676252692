import { describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { connectGuarded } from '../../lib/fetch/client.ts';
import { fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import { useFetchedSite } from '../support/fetched-site.ts';
import { redirect, send, startLyingServer } from '../support/lying-server.ts';

// Where a fetch may be led, and where not; what it comes to is in fetch-feed.test.ts.

const FEED = '<rss version="2.0"><channel><title>T</title></channel></rss>';

const site = useFetchedSite({
  '/feed': send(200, { 'content-type': 'application/rss+xml' }, FEED),
  '/moved': redirect(301, '/feed'),
  '/moved-twice': redirect(308, '/moved'),
  '/elsewhere-for-now': redirect(302, '/feed'),
  '/half-moved': redirect(301, '/elsewhere-for-now'),
  '/loop': redirect(302, '/loop'),
  '/to-metadata': redirect(302, 'http://169.254.169.254/latest/meta-data/'),
  '/to-file': redirect(302, 'file:///etc/passwd'),
  '/to-nowhere': redirect(302, 'http://['),
});
const { ask } = site;

describe('redirects of several hosts to one', () => {
  test('are followed one after the other, and hold no other host meanwhile', async () => {
    provideSettings({ FETCH_HOST_DELAY_MS: '0', FETCH_HOST_CONCURRENCY: '1' });
    let inFlight = 0;
    let most = 0;
    const target = await startLyingServer({
      '*': (_request, response) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        setImmediate(() => {
          inFlight -= 1;
          response.end(FEED);
        });
      },
      '/back': (_request, response) =>
        response.writeHead(302, { location: `${blogs[0]?.url}/feed` }).end(),
    });
    const answers = { '/feed': redirect(302, `${target.url}/feed`) };
    const blogs = await Promise.all([1, 2, 3, 4].map(() => startLyingServer(answers)));
    const urls = blogs.map(({ url }) => `${url}/feed`);
    // The last two wait for each other's hosts.
    const all = await Promise.all([...urls, `${target.url}/back`].map((url) => fetchFeed(url, {})));
    expect(all.map(({ kind }) => kind)).toEqual(Array(5).fill('modified'));
    expect(most).toBe(1);
    await Promise.all([target, ...blogs].map((each) => each.stop()));
  });
});

describe('redirects', () => {
  test('that are permanent all the way tell the new address', async () => {
    expect(await ask('/moved-twice')).toMatchObject({
      kind: 'modified',
      movedTo: `${site.url}/feed`,
    });
  });

  test.each(['/elsewhere-for-now', '/half-moved'])('that are not, do not: %s', async (path) => {
    const outcome = await ask(path);
    expect(outcome).toMatchObject({ kind: 'modified', finalUrl: `${site.url}/feed` });
    expect(outcome).not.toHaveProperty('movedTo');
  });

  test('end after five', async () => {
    const before = site.requests.length;
    expect(await ask('/loop')).toMatchObject({
      kind: 'failed',
      error: 'too-many-redirects',
      message: expect.stringMatching(/more than 5 redirects/u),
    });
    expect(site.requests.length - before).toBe(6);
  });

  test.each([
    ['/to-metadata', 'blocked'],
    ['/to-file', 'blocked'],
    ['/to-nowhere', 'bad-redirect'],
  ])('pass the guard at every hop: %s', async (path, error) => {
    expect(await ask(path)).toMatchObject({ kind: 'failed', error });
  });
});

describe('the guard', () => {
  test('refuses this machine unless the operator opens it', async () => {
    provideSettings({ FETCH_ALLOW: '10.0.0.0/8' });
    const before = site.requests.length;
    for (const url of [site.url, site.url.replace('127.0.0.1', 'localhost')]) {
      expect(await fetchFeed(`${url}/feed`, {})).toMatchObject({
        kind: 'failed',
        error: 'blocked',
      });
    }
    expect(site.requests.length).toBe(before);
  });

  test('stands at the connection as well, where the name has become an address', async () => {
    provideSettings({ FETCH_ALLOW: '10.0.0.0/8' });
    const port = new URL(site.url).port;
    for (const hostname of ['127.0.0.1', 'localhost']) {
      const refused = await new Promise<Error | null>((resolve) => {
        connectGuarded({ hostname, host: hostname, protocol: 'http:', port }, (...[error]) =>
          resolve(error),
        );
      });
      expect(refused?.message).toMatch(/loopback/u);
    }
  });
});
