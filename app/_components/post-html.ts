// Fits a stored body into a page. It has been sanitised, so its tags are well-formed.

const LEVEL_MAX = 6;

/**
 * Numbers the headings of a body so that they follow on from `level` (the level of the post's
 * title) without gaps, lets code and tables be scrolled by keyboard, and keeps wide tables in
 * their own box.
 */
export function fitBody(html: string, level: number): string {
  return fitHeadings(html, level)
    .replace(/<pre(?=[\s>])/gu, '<pre tabindex="0" role="group" aria-label="Code"')
    .replace(
      /<table(?=[\s>])/gu,
      '<div class="wide" tabindex="0" role="group" aria-label="Table"><table',
    )
    .replace(/<\/table>/gu, '</table></div>');
}

function fitHeadings(html: string, level: number): string {
  const used = [...new Set([...html.matchAll(/<h([1-6])(?=[\s>])/gu)].map((match) => match[1]))];
  const ranks = new Map(used.sort().map((number, rank) => [number, level + 1 + rank]));
  let last = level;
  const open: number[] = [];
  return html.replace(/<(\/?)h([1-6])(?=[\s>])/gu, (_, slash: string, number: string) => {
    if (slash) return `</h${open.pop() ?? last}`;
    // Nobody may skip a level, also where an author did.
    last = Math.min(ranks.get(number) ?? last, last + 1, LEVEL_MAX);
    open.push(last);
    return `<h${last}`;
  });
}
