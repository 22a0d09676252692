import { colourCode } from './colour-code.ts';

// How pages set a body: code with colours, long code folded, notes within the page, links in the
// place of frames. What the publisher said stays as it is (body_html): that goes into feeds,
// and is compared when a post changes. When the rules change, raise SETTING_VERSION in lib/model.

/** A screen's worth: longer code is folded behind its beginning. */
const UNFOLDED_LINES_MAX = 40;
/** Blocks of code that get colours in one body: a manual has a hundred. */
const COLOURED_BLOCKS_MAX = 200;

const PRE = /<pre((?:\s[^<>]*)?)>([\s\S]*?)<\/pre>/gu;
/** Line numbers in a column of their own, as Rouge and plug-ins of WordPress write them. */
const NUMBERED =
  /<table[^<>]*>(?:\s*<tbody[^<>]*>)?\s*<tr[^<>]*>\s*<td[^<>]*>\s*<pre[^<>]*>[\s\d]*<\/pre>\s*<\/td>\s*<td[^<>]*>\s*(<pre[^<>]*>[^<]*(?:<(?!\/pre>)[^<]*)*<\/pre>)\s*<\/td>\s*<\/tr>(?:\s*<\/tbody>)?\s*<\/table>/gu;
/** Elements that stand for nothing but the look of code. */
const LOOKS = /<\/?(?:span|code|font|div|tt|samp)(?:\s[^<>]*)?>/gu;
const LANGUAGE = /\sclass="(?:lang|language|highlight-source)-([^"]+)"/u;

/** Counts lines as they are seen, without empty ones at the end. */
const countLines = (text: string) => text.replace(/\s+$/u, '').split('\n').length;

function setCode(html: string): string {
  let blocks = 0;
  return html.replace(NUMBERED, '$1').replace(PRE, (whole, attributes: string, inner: string) => {
    const bare = inner.replace(/<br(?:\s[^<>]*)?>|<\/div>(?!\s*$|\n)/gu, '\n').replace(LOOKS, '');
    const named = (LANGUAGE.exec(attributes) ?? LANGUAGE.exec(inner))?.[1];
    const lines = countLines(bare);
    blocks += 1;
    // Links and emphasis in code mean something: they stay, and the code has no colours.
    const isPlain = !bare.includes('<') && blocks <= COLOURED_BLOCKS_MAX;
    const { html: code, language } = isPlain
      ? colourCode(bare, named)
      : { html: undefined, language: undefined };
    const pre =
      code === undefined || code === bare ? whole : `<pre${attributes}><code>${code}</code></pre>`;
    if (lines <= UNFOLDED_LINES_MAX) return pre;
    const says = `${language === undefined ? 'Code' : `${language} code`} of ${lines} lines`;
    return `<details class="fold"><summary>${says}: show all</summary></details>${pre}`;
  });
}

const ANCHOR = /<a((?:\s[^<>]*)?)>/gu;
const HREF = /\shref="([^"#]*)#([^"]+)"/u;
/** Signs that lead back from a note: they have no name that could be read out. */
const BACK =
  /(<a(?:\s[^<>]*)?\shref="#[^"]+"[^<>]*)>((?:\s|[↩↑^⏎↵🔙]|\ufe0e|\ufe0f|&#?\w+;)+)<\/a>/gu;

/**
 * Has links to a place in the same text lead there, rather than to the same place elsewhere.
 * Places that nothing leads to lose their names.
 * @param pages addresses that such links may have before their fragment.
 */
function setNotes(html: string, pages: readonly string[]): string {
  const places = new Set(
    [...html.matchAll(/<[a-z][^<>]*?\sid="([^"]+)"/gu)].map(([, id]) => id ?? ''),
  );
  const used = new Set<string>();
  const linked =
    places.size === 0
      ? html
      : html.replace(ANCHOR, (tag, attributes: string) => {
          const [href = '', before = '', id = ''] = HREF.exec(attributes) ?? [];
          const isHere =
            before === '' || pages.some((page) => before === page || `${before}/` === page);
          if (!isHere || !places.has(id)) return tag;
          used.add(id);
          return `<a${attributes.replace(href, ` href="#${id}"`)}>`;
        });
  return linked
    .replace(/(<[a-z][^<>]*?)\sid="([^"]+)"/gu, (tag, before: string, id: string) =>
      used.has(id) ? tag : before,
    )
    .replace(BACK, '$1 aria-label="Back to the text">$2</a>');
}

/**
 * A body as pages set it; null when that is how it stands.
 * @param marked from sanitiseMarked: with the names of places and with links for frames.
 * @param bare the same without these.
 * @param pages addresses before the fragment of links within the post: its own, and the base of
 * relative ones, which is often the feed's.
 */
export function setBody(
  marked: string,
  bare: string,
  ...pages: (string | undefined)[]
): string | null {
  const escaped = pages.flatMap(
    (page) => page?.replace(/#.*$/su, '').replaceAll('&', '&amp;') ?? [],
  );
  const set = setCode(setNotes(marked, escaped));
  return set === bare ? null : set;
}
