/** Open elements in one body. Editors produce 20; the parser under the sanitiser, whose stack is
 * an array that it shifts and searches, takes minutes for 100,000. */
export const NESTING_MAX = 256;

const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/u;
/** Elements that end their own kind: a list written without `</li>` is not a deep one. */
const ENDS_ITS_KIND = /^(p|li|dt|dd|tr|td|th|option)$/u;
const TAG = /^<(\/?)([a-z][^\s/>]{0,63})/iu;

/**
 * HTML with the tags left out that lie deeper than NESTING_MAX, end nothing or are not kept. Text
 * is kept. Taken out after parsing, an unknown element or SVG would have kept the elements around
 * it apart, and what is left would read differently the second time.
 * Linear: no tag is looked at twice.
 * @param isKept asked for each tag in order, with where it begins.
 */
export function limitNesting(html: string, isKept = (_name: string, _at: number) => true): string {
  if (!html.includes('<')) return html;
  const kept: string[] = [];
  const stack: string[] = [];
  const open = new Map<string, number>();
  const pop = () => {
    const name = stack.pop() ?? '';
    open.set(name, (open.get(name) ?? 1) - 1);
    return name;
  };
  let from = 0;
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at + 1)) {
    const found = TAG.exec(html.slice(at, at + 70));
    if (found === null) continue;
    const [, slash, written = ''] = found;
    const name = written.toLowerCase();
    if (VOID.test(name)) continue;
    if (!isKept(name, at)) {
      from = leaveOut(html, from, at, kept);
      continue;
    }
    if (slash === '/') {
      // An end tag of `p` or `br` without a start makes an empty element; nobody misses it.
      if ((open.get(name) ?? 0) > 0) while (pop() !== name);
      else from = leaveOut(html, from, at, kept);
      continue;
    }
    if (ENDS_ITS_KIND.test(name) && stack.at(-1) === name) pop();
    if (stack.length >= NESTING_MAX) {
      from = leaveOut(html, from, at, kept);
      continue;
    }
    stack.push(name);
    open.set(name, (open.get(name) ?? 0) + 1);
  }
  if (from === 0) return html;
  kept.push(html.slice(from));
  return kept.join('');
}

/** Keeps what stands before the tag at `at`; returns where the text after the tag begins. */
function leaveOut(html: string, from: number, at: number, kept: string[]): number {
  if (at < from) return from;
  kept.push(html.slice(from, at));
  const next = html.slice(at + 1, at + 4096).search(/[<>]/u);
  if (next === -1) return Math.min(html.length, at + 4096);
  const end = at + 1 + next;
  return html.charAt(end) === '>' ? end + 1 : end;
}
