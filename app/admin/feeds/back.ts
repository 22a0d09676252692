/** What the page of feeds may be asked to say, by name: text in the address would be anybody's. */
export const WORDS = {
  pause: 'The feed is paused. Its posts stay.',
  resume: 'The feed is active again and will be polled within a minute.',
  poll: 'The feed will be polled within a minute.',
  remove: 'The entry is removed.',
  chosen: 'The feed is chosen and will be read within a minute.',
  unknown: 'There is no such feed any more.',
  added: 'The address is added. What a worker finds there is below within a minute.',
  there: 'This feed was there already.',
  refused: 'That is no address of a feed or site. Give one like https://example.org/feed.',
} as const;

export type Word = keyof typeof WORDS;

export const isWord = (text: string | undefined): text is Word =>
  text !== undefined && Object.hasOwn(WORDS, text);

/** Answers a form with the page of feeds, so that reloading sends nothing twice (303). */
export function backToFeeds(word: Word): Response {
  return new Response(null, { status: 303, headers: { location: `/admin/feeds?done=${word}` } });
}
