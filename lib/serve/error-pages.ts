import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { config } from '../config.ts';
import { FAILED_PATH, NOTHING_PATH } from '../model/list-address.ts';
import { type Answer, type Application, gatherAnswer } from './answer.ts';
import { RenderTags } from './render-tags.ts';
import { shared } from './shared.ts';

/** How Next begins a page that it leaves to the browser to render. */
const EMPTY_START = '<!DOCTYPE html><html id="__next_error__">';

/** What a request says that is made for all readers alike: nothing but where the site is. */
export function sharedHeaders(): Record<string, string> {
  const { host, protocol } = new URL(config().siteUrl);
  return {
    host,
    accept: '*/*',
    'user-agent': 'tagwire',
    'x-forwarded-proto': protocol.slice(0, -1),
    'x-forwarded-for': '127.0.0.1',
  };
}

/** Pages that say what is wrong, by the status that they are for. */
const PAGES = new Map([
  [404, NOTHING_PATH],
  [500, FAILED_PATH],
]);

/** For a program (RFC 9457): a feed or a file that could not be made. */
const PROBLEM = {
  type: 'about:blank',
  title: 'This could not be made just now',
  status: 500,
  detail: 'Something behind it does not answer. Please try again in a minute.',
};

/**
 * Next answers `notFound()` and pages that throw with an empty page that a script fills: without
 * JavaScript there is nothing to see, and no program finds a title or a language in it. So such an
 * answer gets the body of a page that says the same and is rendered like any other, once a
 * process. Routes that throw are answered with nothing at all: they get a problem's details.
 */
export class ErrorPages {
  readonly #application: Application;
  readonly #pages = new Map<string, Promise<Answer>>();

  constructor(application: Application) {
    this.#application = application;
  }

  /** The answer with a body that can be read, if it is an error without one; else as it is. */
  async fill(answer: Answer, path: string): Promise<Answer> {
    if (path === NOTHING_PATH || path === FAILED_PATH) return { ...answer, status: 404 };
    if (answer.status === 500 && answer.body.length === 0) return problemAnswer(answer);
    const place = PAGES.get(answer.status);
    if (place === undefined) return answer;
    if (answer.body.toString('latin1', 0, EMPTY_START.length) !== EMPTY_START) return answer;
    const page = await this.#get(place);
    return page.status === 200 ? { ...answer, body: page.body } : answer;
  }

  #get(place: string): Promise<Answer> {
    const known = this.#pages.get(place);
    if (known !== undefined) return known;
    const page = this.#render(place).catch((error) => {
      this.#pages.delete(place);
      throw error;
    });
    this.#pages.set(place, page);
    return page;
  }

  #render(place: string): Promise<Answer> {
    const { cache, renders } = shared();
    // A request of its own: Next writes what it knows onto the one that it was given.
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    request.url = place;
    request.headers = sharedHeaders();
    request.push(null);
    return renders.run(new RenderTags(cache.generation), () =>
      gatherAnswer(this.#application, request),
    );
  }
}

function problemAnswer(answer: Answer): Answer {
  const headers = { ...answer.headers, 'content-type': 'application/problem+json' };
  return { ...answer, headers, body: Buffer.from(JSON.stringify(PROBLEM)) };
}
