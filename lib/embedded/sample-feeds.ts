import { createHash } from 'node:crypto';
import http from 'node:http';
import { gzipSync } from 'node:zlib';
import { messageOf } from '../errors.ts';
import { freePort } from './ports.ts';
import { feedPath, renderOriginal, renderSample, type Setting } from './sample-formats.ts';
import { readPicture, readSamples, type SamplePost, type SampleSource } from './sample-text.ts';

const PUBLISH_BYTES_MAX = 100_000;

/** A post that appears after the start. */
interface FreshPost {
  title: string;
  html: string;
  tags?: string[];
  author?: string;
  /** Name of the source; the first one when left out. */
  source?: string;
}

export interface SampleFeeds {
  /** Address of the server. */
  url: string;
  /** A list of its feeds as OPML, with absolute addresses. */
  opml: string;
  /** Adds a post to one of the feeds. @returns its address. @throws for an unknown source. */
  publish(post: FreshPost): string;
  stop(): Promise<void>;
}

interface Answer {
  status: number;
  contentType: string;
  body: Buffer | string;
}

/** The sources with a moment of their own: one moment for the whole run, so that ETags hold. */
class Publisher {
  readonly sources: SampleSource[];
  readonly setting: Setting;
  #published = 0;

  constructor(setting: Setting) {
    this.sources = readSamples();
    this.setting = setting;
  }

  publish(fresh: FreshPost): string {
    const source = fresh.source
      ? this.sources.find((each) => each.name === fresh.source)
      : this.sources[0];
    if (source === undefined) throw new Error(`there is no sample source "${fresh.source}"`);
    this.#published += 1;
    const post: SamplePost = {
      title: fresh.title,
      slug: `fresh-${this.#published}`,
      days: (this.setting.now.getTime() - Date.now()) / 86_400_000,
      updatedDays: undefined,
      author: fresh.author ?? 'The editors',
      tags: fresh.tags ?? ['News'],
      html: fresh.html,
    };
    source.posts.unshift(post);
    return new URL(post.slug, this.setting.base + source.site).href;
  }

  answer(path: string): Answer {
    const picture = /^\/pictures\/(.+)$/u.exec(path)?.[1];
    const found = picture === undefined ? undefined : readPicture(picture);
    if (found !== undefined) return { status: 200, contentType: 'image/png', body: found };
    const source = this.sources.find((each) => path.startsWith(each.site));
    if (source !== undefined && path === feedPath(source)) {
      return { status: 200, ...renderSample(source, this.setting) };
    }
    const slug = source === undefined ? '' : path.slice(source.site.length);
    const post = source?.posts.find((each) => each.slug === slug);
    const contentType = 'text/html; charset=utf-8';
    if (source !== undefined && post !== undefined) {
      return { status: 200, contentType, body: renderOriginal(source, post) };
    }
    if (path === '/feeds.opml' || path === '/') {
      return { status: 200, contentType: 'text/x-opml', body: this.opml() };
    }
    return { status: 404, contentType: 'text/plain', body: 'There is nothing here.\n' };
  }

  opml(): string {
    const outlines = this.sources.map(
      (source) =>
        `    <outline type="rss" text="${source.title}" xmlUrl="${this.setting.base}${feedPath(source)}"/>`,
    );
    return `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>Sample feeds</title></head>
  <body>
${outlines.join('\n')}
  </body>
</opml>
`;
  }
}

function send(request: http.IncomingMessage, response: http.ServerResponse, answer: Answer) {
  const body = Buffer.from(answer.body);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 20)}"`;
  if (answer.status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const isGzipped = /\bgzip\b/u.test(String(request.headers['accept-encoding'] ?? ''));
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    vary: 'accept-encoding',
    ...(answer.status === 200 ? { etag } : {}),
    ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(isGzipped ? gzipSync(body) : body);
}

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > PUBLISH_BYTES_MAX) throw new Error(`over ${PUBLISH_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

async function receivePost(
  publisher: Publisher,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  try {
    const { title, html, ...rest } = (await readJson(request)) as Partial<FreshPost>;
    if (typeof title !== 'string' || typeof html !== 'string') {
      throw new Error('it needs the texts "title" and "html"');
    }
    const url = publisher.publish({ ...rest, title, html });
    response.writeHead(201, { location: url }).end(`${url}\n`);
  } catch (error) {
    response.writeHead(400).end(`This cannot be published: ${messageOf(error)}\n`);
  }
}

/**
 * Serves the sample feeds on the loopback address, with validators, compression and pictures.
 * `POST /publish` with JSON `{"title", "html", "tags"?, "source"?}` lets a new post appear.
 * @param options.now to which the dates of the posts are counted back.
 */
export async function startSampleFeeds(
  options: { port?: number; now?: Date } = {},
): Promise<SampleFeeds> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const publisher = new Publisher({ base: url, now: options.now ?? new Date() });
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    if (request.method === 'POST' && pathname === '/publish') {
      void receivePost(publisher, request, response);
    } else {
      send(request, response, publisher.answer(decodeURIComponent(pathname)));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url,
    opml: publisher.opml(),
    publish: (post) => publisher.publish(post),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
