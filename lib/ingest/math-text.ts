import { FORMULA, type Formula, readFormula } from './mathml.ts';

// Formulas for whoever draws none: other programs, mails, searches. One that carries its source in
// TeX is that; others are written on one line, as people do in mails: `x^2`, `(a+b)/2`.

/** What no words about a formula have, but its source has. */
const TEX = /[\\^_{]/u;
/** Signs that stand over a letter, and follow it on the line. */
const ACCENT = /^(?:[^\p{L}\p{N}]|&[#\w]+;)$/u;
/** Raised signs that are no powers. */
const RAISED = /^[′″‴*†∗°]+$/u;

/** What is longer is never one thing. */
const ONE_CHARACTERS_MAX = 40;
const ONE = /^(?:\p{L}|[\p{N}.,]+|&#?\w+;|[^\p{L}\p{N}]|\([^()]*\))$/u;

/** In brackets, if it is more than one thing. */
const asOne = (text: string) =>
  text.length <= ONE_CHARACTERS_MAX && ONE.test(text) ? text : `(${text})`;
const above = (text: string) => (RAISED.test(text) ? text : `^${asOne(text)}`);
const below = (text: string) => `_${asOne(text)}`;

function write(part: Formula | string): string {
  if (typeof part === 'string') return part.trim() === '' ? '' : part;
  const { name, children } = part;
  // Once for each: formulas may be deep.
  const written = children.map(write);
  const items = written.filter((_, i) => typeof children[i] !== 'string');
  const [first = '', second = '', third = ''] = items;
  switch (`${name} ${items.length}`) {
    case 'mfrac 2':
      return `${asOne(first)}/${asOne(second)}`;
    case 'mroot 2':
      return `${second}√${asOne(first)}`;
    case 'msub 2':
      return asOne(first) + below(second);
    case 'msup 2':
      return asOne(first) + above(second);
    case 'munder 2':
      return ACCENT.test(second) ? first + second : asOne(first) + below(second);
    case 'mover 2':
      return ACCENT.test(second) ? first + second : asOne(first) + above(second);
    case 'msubsup 3':
    case 'munderover 3':
      return asOne(first) + below(second) + above(third);
  }
  switch (name) {
    case 'msqrt':
      return `√${asOne(written.join(''))}`;
    case 'mtr':
      return items.join(', ');
    case 'mtable':
      return items.join('; ');
    case 'mtext':
      return written.join('').replace(/^\s|\s$|\u00a0/gu, ' ');
    case 'mspace':
      return ' ';
    default:
      return written.join('');
  }
}

/**
 * A body in which formulas are text.
 * @param html as writeFormulas gave it.
 */
export function formulasAsText(html: string): string {
  if (!html.includes('<math')) return html;
  return html.replace(FORMULA, (_, attributes: string, inner: string) => {
    const formula = readFormula(attributes, inner);
    const { alttext = '', display } = formula.attributes;
    if (!TEX.test(alttext)) return write(formula);
    const source = alttext.replaceAll('&quot;', '"');
    return display === 'block' ? `\\[${source}\\]` : `\\(${source}\\)`;
  });
}
