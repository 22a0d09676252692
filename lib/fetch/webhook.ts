import { fetchGuarded } from './client.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** As the specification advises (15 to 30 s): an endpoint writes the event down and answers. */
const WEBHOOK_MS_MAX = 15_000;

/** How an endpoint took an event; `text` is the start of what it said, or why it said nothing. */
export type WebhookAnswer = { status: number | null; text: string } & (
  | { kind: 'taken' }
  /** It wants no more (410). */
  | { kind: 'gone' }
  | { kind: 'failed'; retryAfterSeconds: number | undefined }
);

/** Sends one event. Only 2xx counts as taken: redirects are an answer, and not followed. */
export async function postEvent(
  url: string,
  headers: Record<string, string>,
  json: string,
  { signal, now = new Date() }: { signal?: AbortSignal | undefined; now?: Date } = {},
): Promise<WebhookAnswer> {
  const answer = await fetchGuarded({
    url,
    headers,
    json,
    deadlineMs: WEBHOOK_MS_MAX,
    follows: false,
    signal,
  });
  if (answer.kind === 'failed') {
    const { message: text } = answer;
    return { kind: 'failed', status: null, text, retryAfterSeconds: undefined };
  }
  const { status, headers: answered, body } = answer;
  const said = new TextDecoder().decode(body).replaceAll('\0', '');
  const text = status >= 300 && status < 400 ? `Redirects are not followed. ${said}`.trim() : said;
  if (status >= 200 && status < 300) return { kind: 'taken', status, text };
  if (status === 410) return { kind: 'gone', status, text };
  const wait = retryAfterSeconds(answered['retry-after'], now.getTime());
  return { kind: 'failed', status, text, retryAfterSeconds: wait };
}
