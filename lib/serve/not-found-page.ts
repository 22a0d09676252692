import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { config } from '../config.ts';
import { NOTHING_PATH } from '../model/list-address.ts';
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

/**
 * Next answers `notFound()` with an empty page that a script fills: without JavaScript there is
 * nothing to see, and no program finds a title or a language in it. So such an answer gets the
 * body of a page that says the same and is rendered like any other, once a process.
 */
export class NotFoundPage {
  readonly #application: Application;
  #page: Promise<Answer> | undefined;

  constructor(application: Application) {
    this.#application = application;
  }

  /** The answer with a body that can be read, if it is an empty 404; else as it is. */
  async fill(answer: Answer, path: string): Promise<Answer> {
    if (path === NOTHING_PATH) return { ...answer, status: 404 };
    if (answer.status !== 404) return answer;
    if (answer.body.toString('latin1', 0, EMPTY_START.length) !== EMPTY_START) return answer;
    const page = await this.#get();
    return page.status === 200 ? { ...answer, body: page.body } : answer;
  }

  #get(): Promise<Answer> {
    this.#page ??= this.#render().catch((error) => {
      this.#page = undefined;
      throw error;
    });
    return this.#page;
  }

  #render(): Promise<Answer> {
    const { cache, renders } = shared();
    // A request of its own: Next writes what it knows onto the one that it was given.
    const request = new IncomingMessage(new Socket());
    request.method = 'GET';
    request.url = NOTHING_PATH;
    request.headers = sharedHeaders();
    request.push(null);
    return renders.run(new RenderTags(cache.generation), () =>
      gatherAnswer(this.#application, request),
    );
  }
}
