/** A short answer for a program or its operator, which nobody keeps. */
export function plainAnswer(
  status: number,
  words: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(words, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}
