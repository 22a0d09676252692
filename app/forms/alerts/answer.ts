/** Answers a form with a page, so that reloading sends nothing twice (303). */
export function seeOther(path: string, query: Record<string, string> = {}): Response {
  const search = new URLSearchParams(query).toString();
  const location = search === '' ? path : `${path}?${search}`;
  return new Response(null, {
    status: 303,
    headers: { location, 'cache-control': 'no-store' },
  });
}

/** Answers a mailbox, which shows no page. */
export const plainAnswer = (status: number, text: string) =>
  new Response(`${text}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });

/** A field of a form as text; empty when it is missing or a file. */
export function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** A form of ours is a line or two; what is larger is none of them. */
const FORM_BYTES_MAX = 64 * 1024;

/** The form in a request's body; an empty one when the body is no form, or a broken one. */
export async function formOf(request: Request): Promise<FormData> {
  const type = request.headers.get('content-type') ?? '';
  const length = Number(request.headers.get('content-length') ?? 0);
  if (
    length > FORM_BYTES_MAX ||
    !/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/iu.test(type)
  ) {
    return new FormData();
  }
  try {
    return await request.formData();
  } catch {
    return new FormData();
  }
}

/** What is shown again of words that are too long: enough to see that they are. */
export const ECHO_CHARACTERS_MAX = 400;
/**
 * A policy is given back whole or, where it would make an address that browsers and proxies may
 * not take, not at all: the beginning of one is another policy.
 */
const POLICY_ECHO_OCTETS_MAX = 6000;

/** Whether a policy can be given back in an address. */
export const isEchoed = (policy: string) =>
  encodeURIComponent(policy.toWellFormed()).length <= POLICY_ECHO_OCTETS_MAX;
