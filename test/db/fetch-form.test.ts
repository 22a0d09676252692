import type http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeFetchConnections, fetchGuarded } from '../../lib/fetch/client.ts';
import { askHub, pingHub } from '../../lib/fetch/hub.ts';
import {
  type Answer,
  type LyingServer,
  redirect,
  startLyingServer,
} from '../support/lying-server.ts';

let server: LyingServer;
/** Method, type and body of what came to /form, in order. */
let forms: { method: string; type: string; body: string }[] = [];

async function take(request: http.IncomingMessage, response: http.ServerResponse) {
  let body = '';
  for await (const chunk of request) body += chunk;
  forms.push({
    method: request.method ?? '',
    type: request.headers['content-type'] ?? '',
    body,
  });
  response.writeHead(202, { 'content-type': 'text/plain' }).end('Thank you');
}

const ANSWERS: Record<string, Answer> = {
  '/form': (request, response) => void take(request, response),
  '/307': redirect(307, '/form'),
  '/308': redirect(308, '/307'),
  '/301': redirect(301, '/form'),
  '/302': redirect(302, '/form'),
  '/303': redirect(303, '/form'),
  '/to-metadata': redirect(307, 'http://169.254.169.254/latest/meta-data/'),
  '/loop': redirect(308, '/loop'),
  '/page': (_request, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>No</h1>'),
  '/words': (_request, response) =>
    response.writeHead(409, { 'content-type': 'text/plain' }).end(`Not\nthis ${'x'.repeat(9000)}`),
  '/busy': (_request, response) => response.writeHead(429).end(),
  '/broken': (_request, response) => response.writeHead(503).end(),
  '/endless': (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  },
};

beforeAll(async () => {
  server = await startLyingServer(ANSWERS);
  provideSettings({
    FETCH_ALLOW: '127.0.0.1/32',
    FETCH_HOST_DELAY_MS: '0',
    LOG_LEVEL: 'silent',
  });
});
beforeEach(() => {
  forms = [];
});
afterAll(async () => {
  await closeFetchConnections();
  await server.stop();
});

const post = (path: string) =>
  fetchGuarded({ url: `${server.url}${path}`, form: new URLSearchParams({ a: '1', b: 'ä&' }) });

describe('a form', () => {
  test('is sent as one, and the start of the answer is read whatever its status', async () => {
    const answer = await post('/form');
    expect(answer).toMatchObject({ kind: 'answered', status: 202 });
    if (answer.kind === 'answered') expect(Buffer.from(answer.body).toString()).toBe('Thank you');
    const type = 'application/x-www-form-urlencoded';
    expect(forms).toEqual([{ method: 'POST', type, body: 'a=1&b=%C3%A4%26' }]);
  });

  test.each(['/307', '/308'])('goes on whole with a redirect %s', async (path) => {
    expect(await post(path)).toMatchObject({ status: 202, finalUrl: `${server.url}/form` });
    expect(forms).toMatchObject([{ method: 'POST', body: 'a=1&b=%C3%A4%26' }]);
  });

  test.each(['/301', '/302', '/303'])('does not go on with a redirect %s', async (path) => {
    expect(await post(path)).toMatchObject({ kind: 'answered', status: Number(path.slice(1)) });
    expect(forms).toEqual([]);
  });

  test('does not get past the guard, nor round in circles', async () => {
    expect(await post('/to-metadata')).toMatchObject({ kind: 'failed', error: 'blocked' });
    expect(await post('/loop')).toMatchObject({ kind: 'failed', error: 'too-many-redirects' });
  });

  test('waits for no more of an answer than its start', async () => {
    const answer = await post('/endless');
    expect(answer.kind === 'answered' && answer.body.length).toBe(2048);
  });
});

describe('a hub', () => {
  const ping = (path: string) => pingHub(`${server.url}${path}`, ['https://a.example/feed.xml']);

  test('that refuses is told apart from one that is away', async () => {
    expect(await ping('/form')).toEqual({ kind: 'accepted' });
    for (const path of ['/page', '/words'])
      expect(await ping(path)).toMatchObject({ kind: 'refused' });
    for (const path of ['/busy', '/broken', '/302']) {
      expect(await ping(path)).toMatchObject({ kind: 'failed' });
    }
    expect(await pingHub('http://10.0.0.1/hub', [])).toMatchObject({ kind: 'failed' });
  });

  test('is quoted in a line, if it speaks in plain words', async () => {
    const host = new URL(server.url).host;
    expect(await ping('/page')).toMatchObject({ message: `${host}: the hub answered with 404` });
    const answer = await ping('/words');
    if (answer.kind === 'accepted') throw new Error('accepted');
    expect(answer.message).toMatch(/: the hub answered with 409, “Not this x{191}”$/u);
  });

  test('gets no secret where none is needed', async () => {
    const request = {
      topic: 'https://a.example/',
      callback: 'https://planet.example/websub/1',
      secret: 'the secret',
      leaseSeconds: 60,
    };
    await askHub(`${server.url}/form`, { ...request, mode: 'unsubscribe' });
    expect(Object.fromEntries(new URLSearchParams(forms[0]?.body))).toEqual({
      'hub.mode': 'unsubscribe',
      'hub.topic': request.topic,
      'hub.callback': request.callback,
    });
  });
});
