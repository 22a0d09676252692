import { setCode, unsetCode } from './set-code.ts';
import { setTex, unsetTex } from './set-tex.ts';

// How pages set a body: code with colours, long code folded, formulas that are sources as code,
// notes within the page, links in the place of frames. What the publisher said stays as it is
// (body_html): that goes into feeds, and is compared when a post changes. When the rules change,
// raise SETTING_VERSION in lib/model.

const ANCHOR = /<a((?:\s[^<>]*)?)>/gu;
const HREF = /\shref="([^"#]*)#([^"]+)"/u;
/** Signs that lead back from a note: they have no name that could be read out. */
const BACK =
  /(<a(?:\s[^<>]*)?\shref="#[^"]+"[^<>]*)>((?:\s|[↩↑^⏎↵🔙]|\ufe0e|\ufe0f|&#?\w+;)+)<\/a>/gu;

const BACK_LABEL = ' aria-label="Back to the text"';

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
    .replace(BACK, `$1${BACK_LABEL}>$2</a>`);
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
  const set = setCode(setTex(setNotes(marked, escaped)));
  return set === bare ? null : set;
}

/**
 * The marked body from which an older version of these rules has set one: the publisher's item,
 * which has the names of places and the frames, may be in no feed any more.
 * @param shown as setBody gave it; null: it stands as it is.
 * @param bare the body that was set, without marks.
 */
export const unsetBody = (shown: string | null, bare: string): string =>
  shown === null ? bare : unsetCode(unsetTex(shown.replaceAll(BACK_LABEL, '')), bare);
