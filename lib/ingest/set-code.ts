import { colourCode } from './colour-code.ts';
import { languageName } from './language-names.ts';

// Code as pages set it: with colours, the name of its language, and without what is not code.

/** A screen's worth: longer code is folded behind its beginning. */
const UNFOLDED_LINES_MAX = 40;
/** Blocks of code that get colours in one body: a manual has a hundred. */
const COLOURED_BLOCKS_MAX = 200;

/** Code, and what one must know of what is around it: links and lines that open something. */
const PRE = /<pre((?:\s[^<>]*)?)>([\s\S]*?)<\/pre>|<(\/?)(?:a|summary)(?=[\s>])[^<>]*>/gu;
/**
 * Line numbers in a column of their own, as Rouge, Chroma, Hexo and plug-ins of WordPress write
 * them.
 */
const NUMBERED =
  /<table[^<>]*>(?:\s*<tbody[^<>]*>)?\s*<tr[^<>]*>\s*<td[^<>]*>\s*<pre[^<>]*>(?:[\s\d]|<\/?(?:code|span|a|br|div)(?:\s[^<>]*)?>)*<\/pre>\s*<\/td>\s*<td[^<>]*>\s*(<pre[^<>]*>[^<]*(?:<(?!\/pre>)[^<]*)*<\/pre>)\s*<\/td>\s*<\/tr>(?:\s*<\/tbody>)?\s*<\/table>/gu;
/** Code in code, where such a table stood in it: Jekyll's. */
const DOUBLED =
  /<pre((?:\s[^<>]*)?)>\s*(?:<code((?:\s[^<>]*)?)>)?\s*<pre(?:\s[^<>]*)?>([^<]*(?:<(?!\/?pre[\s>])[^<]*)*)<\/pre>\s*(?:<\/code>)?\s*<\/pre>/gu;
/** Elements that stand for nothing but the look of code: a table has a line in each row. */
const LOOKS = /<\/?(?:span|code|font|div|tt|samp|table|tbody|tr|td)(?:\s[^<>]*)?>/gu;
const LINE_END = /<br(?:\s[^<>]*)?>|<\/div>(?!\s*$|\n)|<\/tr>(?!\s*<\/t(?:body|able)>\s*$|\n)/gu;
/** Places for links to lines, and links that had their numbers for text. */
const PLACE = /<a(?:\s[^<>]*)?><\/a>/gu;
const LANGUAGE = /\sclass="(?:lang|language|highlight-source)-([^"]+)"/u;
const MARKED_LANGUAGE = /\sdata-code="([^"]+)"/u;
const MARK_IN_CODE = /(<code[^<>]*?)\sdata-code="[^"]*"/gu;
/** What setCode adds. */
const FOLD = /<details class="fold">[^<]*<summary>[^<]*<\/summary><\/details>/gu;
const LABEL = /\sdata-language="[^"]*"/u;

/** Counts lines as they are seen, without empty ones at the end. */
const countLines = (text: string) => text.replace(/\s+$/u, '').split('\n').length;

function languageIn(attributes: string, inner: string): string | undefined {
  for (const pattern of [LANGUAGE, MARKED_LANGUAGE]) {
    const found = pattern.exec(attributes) ?? /^\s*<code[^<>]*>/u.exec(inner)?.[0].match(pattern);
    if (found) return found[1];
  }
  return LANGUAGE.exec(inner)?.[1];
}

/**
 * Gives code its colours and the name of its language (`data-language`), folds long code behind its
 * beginning, and takes away columns of line numbers.
 * @param html sanitised and marked. Marks of languages stay with their code: rules to come will
 * want them.
 */
export function setCode(html: string): string {
  let blocks = 0;
  /** Elements around in which nothing may be pressed but they. */
  let pressed = 0;
  return withoutNumbers(html).replace(
    PRE,
    (whole, attributes: string | undefined, inner: string, slash: string) => {
      if (attributes === undefined) {
        pressed += slash === '/' ? -1 : 1;
        return whole;
      }
      blocks += 1;
      return setBlock(whole, attributes, inner, {
        isColoured: blocks <= COLOURED_BLOCKS_MAX,
        isFolded: pressed === 0,
      });
    },
  );
}

const withoutNumbers = (html: string) =>
  html.replace(NUMBERED, '$1').replace(DOUBLED, '<pre$1><code$2>$3</code></pre>');

/**
 * Code that setCode has set as it was before, as far as `bare` knows it.
 * @param bare the body that was set, without marks.
 */
export function unsetCode(html: string, bare: string): string {
  const isCode = ([whole]: RegExpMatchArray) => whole.startsWith('<pre');
  const before = [...withoutNumbers(bare).matchAll(PRE)].filter(isCode);
  const now = html.replace(FOLD, '');
  const isSame = [...now.matchAll(PRE)].filter(isCode).length === before.length;
  let at = 0;
  return now.replace(PRE, (whole, attributes: string | undefined, inner: string) => {
    if (attributes === undefined) return whole;
    const [, , original = inner] = (isSame && before[at++]) || [];
    // Links and places that something leads to have never had colours.
    const isMarked = /<a[\s>]|\sid="/u.test(inner);
    return `<pre${attributes.replace(LABEL, '')}>${isMarked ? inner : original}</pre>`;
  });
}

function setBlock(
  whole: string,
  attributes: string,
  inner: string,
  may: { isColoured: boolean; isFolded: boolean },
): string {
  const bare = inner.replace(LINE_END, '\n').replace(LOOKS, '').replace(PLACE, '');
  const named = languageIn(attributes, inner);
  const lines = countLines(bare);
  // Links and emphasis in code mean something: they stay, and the code has no colours.
  const isPlain = !bare.includes('<') && may.isColoured;
  const coloured = isPlain ? colourCode(bare, named) : undefined;
  const label = languageName(named);
  const mark = MARKED_LANGUAGE.test(inner) && !MARKED_LANGUAGE.test(attributes) && named;
  const marked = mark ? `${attributes} data-code="${mark}"` : attributes;
  const code = codeIn(inner.replace(MARK_IN_CODE, '$1'), bare, coloured?.html);
  const pre =
    code === inner && label === undefined
      ? whole
      : `<pre${marked}${label === undefined ? '' : ` data-language="${label}"`}>${code}</pre>`;
  const language = label ?? coloured?.language;
  if (lines <= UNFOLDED_LINES_MAX || !may.isFolded) return pre;
  const says = `${language === undefined ? 'Code' : `${language} code`} of ${lines} lines`;
  return `<details class="fold"><summary>${says}: show all</summary></details>${pre}`;
}

/** @param bare the text of `inner`, if it is all that means something. */
function codeIn(inner: string, bare: string, coloured: string | undefined): string {
  if (coloured !== undefined && coloured !== bare) return `<code>${coloured}</code>`;
  // Rows of a table, one for each line.
  return /<tr[\s>]/u.test(inner) && !bare.includes('<') ? `<code>${bare}</code>` : inner;
}
