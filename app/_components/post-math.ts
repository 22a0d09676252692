// Fits formulas of a set body (lib/ingest/mathml.ts, set-tex.ts) into a page's width.

const FORMULA =
  /<math((?:\s[^<>]*)?)>([^<]*(?:<(?!\/?math[\s>])[^<]*)*)<\/math>|<code class="tex block">|<(\/?)(?:a|summary)(?=[\s>])[^<>]*>/gu;
/** Signs of a formula within a line that has room at 320 pixels; a longer one scrolls. */
const LINE_SIGNS_MAX = 24;

const FOCUS = ' tabindex="0" role="group" aria-label="Formula"';

/**
 * Lets formulas that have a line of their own, or would be too wide for one, be scrolled, by
 * keyboard too, where no link is around them: browsers break no line in them.
 */
export function fitFormulas(html: string): string {
  if (!html.includes('<math') && !html.includes('class="tex block"')) return html;
  let pressed = 0;
  return html.replace(
    FORMULA,
    (whole, attributes: string | undefined, inner: string, slash: string | undefined) => {
      if (slash !== undefined) {
        pressed += slash === '/' ? -1 : 1;
        return whole;
      }
      const focus = pressed > 0 ? '' : FOCUS;
      if (attributes === undefined) return `<code class="tex block"${focus}>`;
      if (/\sdisplay="block"/u.test(attributes)) {
        return `<span class="formula"${focus}>${whole}</span>`;
      }
      const text = inner.replace(/<[^<>]*>|\s/gu, '').replace(/&#?\w+;/gu, '.');
      const isWide = [...text].length > LINE_SIGNS_MAX;
      return isWide ? `<span class="formula in-line"${focus}>${whole}</span>` : whole;
    },
  );
}
