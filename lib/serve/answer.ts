import { type IncomingMessage, type OutgoingHttpHeader, ServerResponse } from 'node:http';

/** A whole answer in memory, before compression. Header names in lower case. */
export interface Answer {
  status: number;
  headers: Record<string, OutgoingHttpHeader>;
  body: Buffer;
}

/** A page of 100 long posts is about 5 MB; more than this is a mistake, not a page. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export type Application = (req: IncomingMessage, res: ServerResponse) => void;

/** A response that no socket stands behind: it gathers what the application says. */
class GatheredResponse extends ServerResponse {
  readonly #chunks: Buffer[] = [];
  readonly #done: (outcome: Answer | Error) => void;
  #bytes = 0;
  #over = false;

  constructor(req: IncomingMessage, done: (outcome: Answer | Error) => void) {
    super(req);
    this.#done = done;
  }

  #gather(chunk: unknown, encoding: unknown): void {
    if (typeof chunk === 'string') {
      chunk = Buffer.from(
        chunk,
        typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8',
      );
    }
    if (!(chunk instanceof Uint8Array) || chunk.length === 0) return;
    this.#bytes += chunk.length;
    if (this.#bytes > ANSWER_BYTES_MAX) {
      this.#fail(new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
    } else {
      // The writer may use its buffer again.
      this.#chunks.push(Buffer.from(chunk));
    }
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#done(error);
    this.emit('close');
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    this.statusCode = status;
    const headers = rest.find((each) => typeof each === 'object' && each !== null);
    if (Array.isArray(headers)) {
      for (let i = 0; i + 1 < headers.length; i += 2) this.appendHeader(headers[i], headers[i + 1]);
    } else if (headers !== undefined) {
      for (const [name, value] of Object.entries(headers as Record<string, string>)) {
        if (value !== undefined) this.setHeader(name, value);
      }
    }
    return this;
  }

  override flushHeaders(): void {}

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    if (!this.#over) this.#gather(chunk, rest[0]);
    callLast(rest);
    return true;
  }

  override end(...rest: unknown[]): this {
    if (this.#over) return this;
    if (typeof rest[0] !== 'function') this.#gather(rest[0], rest[1]);
    if (this.#over) return this;
    this.#over = true;
    this.finished = true;
    const headers = { ...this.getHeaders() } as Answer['headers'];
    this.#done({ status: this.statusCode, headers, body: Buffer.concat(this.#chunks) });
    callLast(rest);
    this.emit('finish');
    this.emit('close');
    return this;
  }

  override destroy(error?: Error): this {
    this.#fail(error ?? new Error('the application broke off its answer'));
    return this;
  }

  /** The reader went away: the application may stop its work. */
  abandon(): void {
    this.#fail(new Error('the reader went away'));
  }
}

function callLast(args: unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') queueMicrotask(() => callback());
}

/**
 * Lets an application answer a request into memory. The answer does not depend on who asked
 * staying connected, unless `reader` is given: then the work ends with the reader.
 * @throws when the application breaks off, or says more than ANSWER_BYTES_MAX.
 */
export function gatherAnswer(
  application: Application,
  req: IncomingMessage,
  reader?: ServerResponse,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const response = new GatheredResponse(req, (outcome) => {
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    });
    reader?.once('close', () => response.abandon());
    application(req, response);
  });
}
