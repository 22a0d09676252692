import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { freePort } from '../../lib/embedded/ports.ts';

/** How a hub takes what it is asked for. */
type Mood =
  /** Accepts, then verifies. */
  | 'verifies'
  /** Verifies, then accepts. */
  | 'verifies-first'
  /** Accepts, and is not heard of again. */
  | 'silent'
  | 'denies'
  /** Accepts, then says that something else was asked for. */
  | 'lies'
  | 'refuses'
  | 'broken'
  /** Never answers. */
  | 'hangs';

interface Subscriber {
  callback: string;
  topic: string;
  secret: string;
}

interface PushOptions {
  algorithm?: string;
  /** Instead of what the subscriber gave. */
  secret?: string;
  signature?: string | null;
  contentType?: string;
}

export interface Hub {
  /** Its address; there is another at `other`. */
  url: string;
  other: string;
  mood: Mood;
  /** What it grants, in seconds; undefined: it says nothing of it. */
  leaseSeconds: number | undefined;
  /** What it was asked for, in order, with the path that was asked. */
  requests: { path: string; form: URLSearchParams }[];
  /** Addresses that it was told of, a list for each request. */
  pings: string[][];
  /** Who has confirmed. */
  subscribers: Map<string, Subscriber>;
  /** How its own GETs were answered, in order. */
  answers: { status: number; text: string }[];
  /** Resolves when it has said all that it has to say. */
  settled(): Promise<void>;
  /** Calls a subscriber's address with these parameters. */
  call(callback: string, parameters: Record<string, string>): Promise<Response>;
  /** Brings news to each subscriber. @returns how they answered. */
  push(body: string | Uint8Array, options?: PushOptions): Promise<number[]>;
}

const FORM_BYTES_MAX = 100_000;

async function readForm(request: http.IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > FORM_BYTES_MAX) throw new Error('a form without an end');
  }
  return new URLSearchParams(text);
}

/** Runs a WebSub hub on loopback for a test file; it verifies unless it is told otherwise. */
export function useHub(): Hub {
  let underWay: Promise<unknown>[] = [];
  const hub: Hub = {
    url: '',
    other: '',
    mood: 'verifies',
    leaseSeconds: undefined,
    requests: [],
    pings: [],
    subscribers: new Map(),
    answers: [],
    async settled() {
      while (underWay.length > 0) await Promise.all(underWay.splice(0));
    },
    call(callback, parameters) {
      const url = new URL(callback);
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return fetch(url);
    },
    push: (body, options = {}) =>
      Promise.all([...hub.subscribers.values()].map((one) => bring(one, body, options))),
  };

  async function bring(to: Subscriber, body: string | Uint8Array, options: PushOptions) {
    const {
      algorithm = 'sha256',
      secret = to.secret,
      contentType = 'application/rss+xml',
    } = options;
    const digest = createHmac(algorithm, secret).update(body).digest('hex');
    const { signature = `${algorithm}=${digest}` } = options;
    const answer = await fetch(to.callback, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        ...(signature === null ? {} : { 'x-hub-signature': signature }),
      },
      body: body as BodyInit,
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  async function verify(form: URLSearchParams, changes: Record<string, string> = {}) {
    const get = (name: string) => form.get(`hub.${name}`) ?? '';
    const challenge = randomUUID();
    const lease = hub.leaseSeconds;
    const answer = await hub.call(get('callback'), {
      'hub.mode': get('mode'),
      'hub.topic': get('topic'),
      'hub.challenge': challenge,
      ...(lease === undefined ? {} : { 'hub.lease_seconds': String(lease) }),
      ...changes,
    });
    const text = await answer.text();
    hub.answers.push({ status: answer.status, text });
    if (!answer.ok || text !== challenge) return;
    const subscriber = { callback: get('callback'), topic: get('topic'), secret: get('secret') };
    if (get('mode') === 'subscribe') hub.subscribers.set(get('callback'), subscriber);
    else hub.subscribers.delete(get('callback'));
  }

  async function deny(form: URLSearchParams) {
    const answer = await hub.call(form.get('hub.callback') ?? '', {
      'hub.mode': 'denied',
      'hub.topic': form.get('hub.topic') ?? '',
      'hub.reason': 'not\nfor you',
    });
    hub.answers.push({ status: answer.status, text: await answer.text() });
  }

  async function lie(form: URLSearchParams) {
    await verify(form, { 'hub.topic': 'https://elsewhere.example/feed' });
    const other = form.get('hub.mode') === 'subscribe' ? 'unsubscribe' : 'subscribe';
    await verify(form, { 'hub.mode': other });
  }

  async function answer(request: http.IncomingMessage, response: http.ServerResponse) {
    const form = await readForm(request);
    const { mood } = hub;
    if (mood === 'broken') return response.writeHead(500).end();
    if (mood === 'refuses') {
      return response.writeHead(400, { 'content-type': 'text/plain' }).end('No such topic\n');
    }
    if (form.get('hub.mode') === 'publish') {
      hub.pings.push(form.getAll('hub.url'));
      return response.writeHead(204).end();
    }
    hub.requests.push({ path: request.url ?? '', form });
    if (mood === 'hangs') return response;
    if (mood === 'verifies-first') await verify(form);
    response.writeHead(202).end();
    if (mood === 'verifies') underWay.push(verify(form));
    if (mood === 'denies') underWay.push(deny(form));
    if (mood === 'lies') underWay.push(lie(form));
    return response;
  }

  const server = http.createServer((request, response) => {
    const answered = answer(request, response).catch(() => response.destroy());
    underWay.push(answered);
  });
  beforeAll(async () => {
    const port = await freePort();
    hub.url = `http://127.0.0.1:${port}/hub`;
    hub.other = `http://127.0.0.1:${port}/other-hub`;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  });
  beforeEach(() => {
    underWay = [];
    hub.mood = 'verifies';
    hub.leaseSeconds = undefined;
    hub.requests.length = 0;
    hub.pings.length = 0;
    hub.answers.length = 0;
    hub.subscribers.clear();
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return hub;
}
