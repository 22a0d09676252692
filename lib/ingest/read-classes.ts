// What programs that set code and formulas say in class names, which the sanitiser takes away: the
// language of code, numbers of lines, and what shows once more what stands beside it.

type Attributes = Record<string, string>;

const NAME = '([\\w+#.-]{1,30})';
const LANGUAGE_CLASS = new RegExp(`^(?:lang|language|highlight-source)-${NAME}$`, 'u');
/** Org, Sphinx. */
const OTHER_CLASS = new RegExp(`^(?:src|highlight)-${NAME}$`, 'u');
/** SyntaxHighlighter, a plug-in of WordPress. */
const BRUSH = new RegExp(`(?:^|[\\s;])brush:\\s?${NAME}`, 'u');
/** Octopress, Hexo, highlight.js, Pandoc: the language stands beside a word of theirs. */
const PAIR = new RegExp(`^(?:highlight|hljs|sourceCode|src|code) ${NAME}$`, 'u');
/** Attributes of Hugo, Shiki, Medium and Enlighter. */
const ATTRIBUTES = 'data-lang data-language data-code-block-lang data-enlighter-language'.split(
  ' ',
);
/** What stands in the place of a language, and is none. */
const NONE =
  /^(?:source|default|notranslate|wrapper|none|generic|block|literal-block|container)$/iu;

/** The class by which an author named the language, in the form that is kept. */
export const languageClass = (classes: string | undefined): string | undefined =>
  classes?.split(/\s+/u).find((each) => LANGUAGE_CLASS.test(each));

/** The language of code as its element, or one around it, has it in other ways. */
function languageOf(attributes: Attributes): string | undefined {
  const given = attributes.class?.trim().replace(/\s+/gu, ' ') ?? '';
  const classes = given.split(' ');
  const found = [
    ...ATTRIBUTES.map((name) => attributes[name]?.trim()),
    ...classes.map((each) => LANGUAGE_CLASS.exec(each)?.[1]),
    ...classes.map((each) => OTHER_CLASS.exec(each)?.[1]),
    BRUSH.exec(given)?.[1],
    PAIR.exec(given)?.[1],
  ];
  return found.find(
    (name) => name !== undefined && /^[\w+#.-]{1,30}$/u.test(name) && !NONE.test(name),
  );
}

/** Of numbers that stand among code: those in a column of their own are the publisher's choice. */
const LINE_NUMBER =
  /(?:^|\s)(?:ln|lineno|linenos|linenumber|line-?numbers?|hljs-ln-(?:n|numbers)|blob-num|(?:react-syntax-highlighter|code)-line-number)(?:\s|$)/iu;

/** Where KaTeX and MathJax hold a formula as MathML, for those who do not see the drawing. */
const MATHML = /(?:^|\s)(?:katex-mathml|MJX_Assistive_MathML)(?:\s|$)/u;
/** Where they draw it, a letter at a time. */
const DRAWING = /(?:^|\s)(?:katex-html|mjx-math)(?:\s|$)/u;

/** What stands between an element that names a language and its code. */
const AROUND_CODE = new Set('div figure figcaption span table tbody tr td pre code'.split(' '));

/** Bodies without code and drawn formulas are most: nothing in their classes means anything. */
const HAS_MEANING = /<pre[\s>]|katex-|mjx-math/iu;

export type Classes = ReturnType<typeof follow>;

/**
 * Follows a parser through one body, and says of its elements what their classes mean.
 * @param html all of the body.
 * @returns undefined where no class of it means anything.
 */
export const followClasses = (html: string): Classes | undefined =>
  HAS_MEANING.test(html) ? follow(html) : undefined;

function follow(html: string) {
  let depth = 0;
  let pres = 0;
  /** A language that an element around code names, until that ends. */
  let around: { language: string; depth: number } | undefined;
  const numbers = new WeakSet<Attributes>();
  const mathml = new WeakSet<Attributes>();
  const drawings = new WeakSet<Attributes>();
  const isDrawn = html.includes('katex-html');
  /** There is MathML for the drawing at hand. */
  let hasMathml = html.includes('MJX_Assistive_MathML');
  return {
    /** @param attributes as written. @returns the language of the code that begins here. */
    languageHere(name: string, attributes: Attributes): string | undefined {
      const isCode = name === 'pre' || (name === 'code' && pres > 0);
      if (isCode) return languageOf(attributes) ?? (name === 'pre' ? around?.language : undefined);
      const language =
        name === 'div' || name === 'figure' || name === 'td' ? languageOf(attributes) : undefined;
      if (language !== undefined) around = { language, depth };
      else if (pres === 0 && !AROUND_CODE.has(name)) around = undefined;
      return undefined;
    },
    /** Remembers what an element is for. @param kept its attributes as the filter gets them. */
    remember(name: string, attributes: Attributes, kept: Attributes): void {
      const classes = attributes.class;
      if (classes === undefined) return;
      if (pres > 0 && name !== 'pre' && LINE_NUMBER.test(classes)) numbers.add(kept);
      if (MATHML.test(classes)) {
        mathml.add(kept);
        if (isDrawn) hasMathml = false;
      } else if (DRAWING.test(classes) && attributes['aria-hidden'] === 'true') drawings.add(kept);
    },
    /** Whether an element that ends is to go, with all that is in it. */
    isNothing({ tag, attribs, text }: { tag: string; attribs: Attributes; text: string }): boolean {
      if (tag === 'math') hasMathml = true;
      if (numbers.has(attribs)) return /^[\s\d]*$/u.test(text);
      // Somebody has taken its elements away, and left all their texts in one row.
      if (mathml.has(attribs)) return isDrawn && !hasMathml;
      if (!drawings.has(attribs)) return false;
      const isDouble = hasMathml;
      // KaTeX draws after it, and the next formula may have none.
      if (isDrawn) hasMathml = false;
      return isDouble;
    },
    onOpenTag(name: string): void {
      depth++;
      if (name === 'pre') pres++;
    },
    onCloseTag(name: string): void {
      depth--;
      if (name === 'pre') pres--;
      if (around !== undefined && depth < around.depth) around = undefined;
    },
  };
}
