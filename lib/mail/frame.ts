import { compile } from 'html-to-text';
import { type CSSProperties, createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { config } from '../config.ts';
import { clean } from './shown-text.ts';

// Mail programs know tables and styles in the elements, and little else. Node runs this as it is,
// so elements are made by calls rather than in JSX.

export const h = createElement;

const SERIF = "'Source Serif 4',Charter,'Bitstream Charter',Georgia,serif";
const SANS = "Inter,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";
const INK = '#171b21';
const MUTED = '#4a4f57';
const PAPER = '#f8faf8';
const LINE = '#cfd2ce';
const TEXT_COLUMNS = 76;
/** A word without an end stays in its column; old programs know only the first of the two. */
const WRAP = { wordBreak: 'break-word', overflowWrap: 'anywhere' } as const;

/** Dark mode where the mail program says that it has one; classes are named after their part. */
const DARK = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.paper{background:#11151b!important}
.ink,.ink a{color:#e2e1dc!important}
.muted,.muted a{color:#a9b0b4!important}
.line{border-color:#343a42!important}
.muted a.act{color:#85d0e0!important}
.mark{background:#4b4010!important;color:#e2e1dc!important}
.btn{background:#e2e1dc!important;color:#11151b!important}
}`;

const STYLES = {
  brand: { margin: 0, font: `600 20px/24px ${SERIF}` },
  heading: {
    margin: '22px 0 0',
    font: `600 28px/34px ${SERIF}`,
    letterSpacing: '-.2px',
    color: INK,
  },
  lede: { margin: '4px 0 0', font: `400 14px/20px ${SANS}`, color: MUTED },
  title: { margin: 0, font: `600 21px/28px ${SERIF}`, color: INK },
  byline: {
    margin: '5px 0 0',
    font: `400 13px/19px ${SANS}`,
    color: MUTED,
  },
  text: {
    margin: '12px 0 0',
    font: `400 17px/26px ${SERIF}`,
    color: INK,
  },
  small: { margin: '12px 0 0', font: `400 13px/20px ${SANS}`, color: MUTED },
  command: {
    margin: '8px 0 0',
    font: '400 13px/20px ui-monospace,Consolas,monospace',
    color: INK,
  },
  // With its colour: a program that darkens only some colours would leave light on yellow.
  mark: { fontWeight: 600, background: '#f6e8a8', color: INK },
  plainLink: { color: INK, textDecoration: 'none' },
  mutedLink: { color: MUTED, textDecoration: 'none' },
  act: { color: '#00505f' },
  button: {
    display: 'inline-block',
    padding: '12px 22px',
    font: `600 16px/20px ${SANS}`,
    background: INK,
    // To be seen where a mail program darkens the page around it.
    border: '1px solid #868b93',
    color: PAPER,
    textDecoration: 'none',
  },
} as const satisfies Record<string, CSSProperties>;

export type StyleName = keyof typeof STYLES;

/** Attributes of an element that looks like this part. */
export function look(style: StyleName, className?: string) {
  return { style: STYLES[style], ...(className === undefined ? {} : { className }) };
}

/** A row of the mail, with a line above it. */
export function section(key: string | number, ...children: ReactNode[]): ReactNode {
  const style = { padding: '22px 0 24px', borderTop: `1px solid ${LINE}`, ...WRAP };
  return h('tr', { key }, h('td', { style, className: 'line' }, ...children));
}

interface FrameProps {
  heading: string;
  lede: string;
  /** What a mail program shows of it in its list. */
  preview: string;
  /** Rows made by `section`. */
  rows: ReactNode[];
}

function frame({ heading, lede, preview, rows }: FrameProps): ReactNode {
  const { siteTitle, siteUrl } = config();
  const table = { role: 'presentation', width: '100%', cellSpacing: 0, cellPadding: 0, border: 0 };
  const head = h(
    'tr',
    null,
    h(
      'td',
      { style: { padding: '24px 0 26px', ...WRAP } },
      h(
        'p',
        look('brand', 'ink'),
        h('a', { href: siteUrl, ...look('plainLink', 'ink') }, siteTitle),
      ),
      h('h1', look('heading', 'ink'), heading),
      h('p', look('lede', 'muted'), lede),
    ),
  );
  const inner = h(
    'table',
    { ...table, style: { maxWidth: '568px', textAlign: 'left', tableLayout: 'fixed' } },
    h('tbody', null, head, ...rows),
  );
  const outer = h(
    'table',
    { ...table, className: 'paper', style: { background: PAPER, tableLayout: 'fixed' } },
    h(
      'tbody',
      null,
      h('tr', null, h('td', { align: 'center', style: { padding: '0 20px' } }, inner)),
    ),
  );
  return h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width,initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('meta', { name: 'supported-color-schemes', content: 'light dark' }),
      h('title', null, heading),
      h('style', null, DARK),
    ),
    h(
      'body',
      { className: 'paper', style: { margin: 0, padding: 0, background: PAPER } },
      h('div', { className: 'preview', style: { display: 'none', maxHeight: 0 } }, preview),
      outer,
    ),
  );
}

/** Mail programs that know of no other show a page by older rules, and cells by its look. */
const DOCTYPE =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" ' +
  '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';

/** A mail's HTML as text. Made once: it takes longer than a mail. */
const toText = compile({
  wordwrap: TEXT_COLUMNS,
  selectors: [
    { selector: '.preview', format: 'skip' },
    // The tables are for the look alone.
    { selector: 'td', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'h2', options: { uppercase: false, trailingLineBreaks: 1 } },
    // The line below a title names its address.
    { selector: '.headline', format: 'anchor', options: { ignoreHref: true } },
    { selector: 'a', options: { linkBrackets: ['<', '>'], hideLinkHrefIfSameAsText: true } },
  ],
});

/** Renders a mail as HTML and, from the same source, as text. */
export function renderFrame(props: FrameProps): { html: string; text: string } {
  const html = clean(DOCTYPE + renderToStaticMarkup(frame(props)));
  return { html, text: toText(html) };
}
