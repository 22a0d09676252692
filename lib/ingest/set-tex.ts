// Sources of formulas that a page of their publisher's would have set, in the type of code. All of
// the source stays as it is written, with its signs: it is what can be read, copied and searched.

/** A formula in characters; a longer one is a text between two signs that mean something else. */
const SOURCE_CHARACTERS_MAX = 4_000;
/** Formulas of one body that are set: a chapter has some hundred, and each is longer when it is. */
const FORMULAS_MAX = 2_000;

/** Elements in which signs of TeX are meant as such, or are set already. */
const ELSEWHERE = /^(?:pre|code|samp|kbd|tt|var|math)$/u;
const PIECE = /<(\/?)([a-z][a-z0-9-]*)(?:\s[^<>]*)?>|[^<]+/gu;

const ENVIRONMENT = 'equation|align|alignat|aligned|gather|multline|eqnarray|displaymath|math';
/** Where a formula begins, with what ends it there, and whether it stands on a line of its own. */
const BEGINNING = new RegExp(
  `\\\\\\(|\\\\\\[|\\$\\$|\\\\begin\\{((?:${ENVIRONMENT})\\*?)\\}|\\$latex\\s|\\$(?![\\s$\\d])`,
  'gu',
);
/** What no price, shell or regular expression has. */
const SURELY_TEX = /\\[A-Za-z]{2,}|[\w})][_^][{\w\\]/u;

interface End {
  sign: string;
  isBlock: boolean;
  /** The signs say little: it must look like a formula too. */
  isDoubtful: boolean;
}

function endOf(sign: string, environment: string | undefined): End {
  if (environment !== undefined) {
    return { sign: `\\end{${environment}}`, isBlock: true, isDoubtful: false };
  }
  if (sign === '\\(') return { sign: '\\)', isBlock: false, isDoubtful: false };
  if (sign === '\\[') return { sign: '\\]', isBlock: true, isDoubtful: true };
  if (sign === '$$') return { sign: '$$', isBlock: true, isDoubtful: true };
  return { sign: '$', isBlock: false, isDoubtful: sign === '$' };
}

function write(source: string, isBlock: boolean): string {
  if (!isBlock) return `<code class="tex">${source}</code>`;
  // Breaks and ends of lines say the same, and would both be seen.
  const lines = source.replace(/<br(?:\s[^<>]*)?>\n?/gu, '\n');
  return `<code class="tex block">${lines}</code>`;
}

/**
 * Looks for signs from places that go on and on: each part of the text is looked at once for each.
 */
function follow(text: string): (sign: string, from: number) => number {
  const next = new Map<string, number>();
  return (sign, from) => {
    const known = next.get(sign);
    if (known !== undefined && (known === -1 || known >= from)) return known;
    const at = text.indexOf(sign, from);
    next.set(sign, at);
    return at;
  };
}

/** Whether what stands between two signs is a formula. @param after the character that follows. */
function isFormula(source: string, { sign, isBlock, isDoubtful }: End, after: string): boolean {
  if (source.length > SOURCE_CHARACTERS_MAX) return false;
  const inner = source.replace(/<br\b[^>]*>/gu, '\n');
  if (inner.trim() === '') return false;
  if (!isBlock && source.includes('\n\n')) return false;
  if (sign === '$' && (/\s$|<br/u.test(source) || /\d/u.test(after))) return false;
  return !isDoubtful || SURELY_TEX.test(inner) || (isBlock && /[=+<>]/u.test(inner));
}

/** A run of text and line breaks with its formulas set. @param left how many may be, counted down. */
function setRun(run: string, left: { formulas: number }): string {
  if (!/[\\$]/u.test(run)) return run;
  const parts: string[] = [];
  let from = 0;
  const next = follow(run);
  BEGINNING.lastIndex = 0;
  for (let found = BEGINNING.exec(run); found !== null; found = BEGINNING.exec(run)) {
    if (left.formulas === 0) break;
    const [sign, environment] = found;
    const end = endOf(sign, environment);
    const start = found.index + sign.length;
    const at = next(end.sign, start);
    if (at === -1) continue;
    // The innermost of several.
    const again = sign === end.sign ? -1 : next(sign, start);
    if (again !== -1 && again < at) continue;
    if (!isFormula(run.slice(start, at), end, run.charAt(at + 1))) continue;
    parts.push(run.slice(from, found.index));
    from = at + end.sign.length;
    parts.push(write(run.slice(found.index, from), end.isBlock));
    left.formulas -= 1;
    BEGINNING.lastIndex = from;
  }
  parts.push(run.slice(from));
  return parts.join('');
}

/**
 * Marks sources of formulas in TeX as code: `\(…\)`, `\[…\]`, `$$…$$`, environments, and `$…$`
 * where it cannot be anything else. Linear.
 * @param html sanitised.
 */
export function setTex(html: string): string {
  if (!/\\[([]|\\begin\{|\$[^\s\d]/u.test(html)) return html;
  const parts: string[] = [];
  let run = '';
  let elsewhere = 0;
  const left = { formulas: FORMULAS_MAX };
  const endRun = () => {
    parts.push(elsewhere > 0 ? run : setRun(run, left));
    run = '';
  };
  for (const [piece, slash, name = ''] of html.matchAll(PIECE)) {
    if (name === '' || name === 'br') {
      run += piece;
      continue;
    }
    endRun();
    parts.push(piece);
    if (ELSEWHERE.test(name)) elsewhere += slash === '/' ? -1 : 1;
  }
  endRun();
  return parts.join('');
}

/** What setTex has set as it was before. */
export const unsetTex = (html: string): string =>
  html.replace(/<code class="tex(?: block)?">([^<]*)<\/code>/gu, '$1');
