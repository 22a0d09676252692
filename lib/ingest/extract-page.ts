import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { type ExcerptWords, FULL_TEXT_REASONS, type PageReading } from '../model/full-text.ts';
import { isEqualTitle } from '../model/same-story.ts';
import { textBands } from '../model/text-bands.ts';
import { decodeBytes } from './decode.ts';
import { judgeText } from './judge-text.ts';
import { countWords, htmlToText } from './plain-text.ts';
import { PAGE_ELEMENTS_MAX, reducePage } from './reduce-page.ts';
import { sanitiseMarked, withoutMarks } from './sanitise.ts';
import { setBody } from './set-body.ts';
import { absoluteUrl } from './urls.ts';

// The thread's side of read-page.ts: a page's bytes to the text of its article.

/** Characters from which something is an article at once; less is looked at in other ways first. */
const ARTICLE_CHARACTERS_MIN = 300;

const refused = (
  reason: Extract<PageReading, { kind: 'refused' }>['reason'],
  detail = '',
): PageReading => ({
  kind: 'refused',
  reason,
  message: `${FULL_TEXT_REASONS[reason]}${detail === '' ? '' : ` (${detail})`}`,
});

export interface ExtractOptions {
  /** Where the page was in the end. */
  url: string;
  contentType?: string | undefined;
  /** The post that is looked for in it. */
  post: ExcerptWords;
}

/** Bytes of a page to the full text of a post, if that is what it has. */
export function extractPage(
  bytes: Uint8Array,
  { url, contentType, post }: ExtractOptions,
): PageReading {
  const page = reducePage(decodeBytes(bytes, contentType).text);
  if (page.kind === 'too-large') return refused('too-large');
  if (page.no !== undefined) return refused('asked-not', page.no);
  if (page.isPaid) return refused('paywall', 'isAccessibleForFree is false');
  const { document } = parseHTML(`<!doctype html>${page.html}`);
  if (document.documentElement === null) return refused('no-article');
  const pageTitle = document.title ?? '';
  const titled = (title: string) => ({ title, text: '' });
  // The title stands above the post already; Readability knows it again in Latin letters only.
  for (const heading of document.querySelectorAll('h1, h2')) {
    if (isEqualTitle(titled(heading.textContent ?? ''), titled(post.title))) heading.remove();
  }
  const article = new Readability(document, {
    disableJSONLD: true,
    charThreshold: ARTICLE_CHARACTERS_MIN,
    maxElemsToParse: PAGE_ELEMENTS_MAX,
    // The sanitiser keeps those that name a language, and no others.
    keepClasses: true,
  }).parse();
  if (!article?.content) return refused('no-article');
  const marked = sanitiseMarked(article.content, absoluteUrl(page.base, url) ?? url);
  const html = withoutMarks(marked);
  const text = htmlToText(html);
  const titles = `${pageTitle} ${article.title ?? ''}`;
  const judged = judgeText(post, { text, titles });
  if (!judged.isThePost) return refused(judged.reason);
  const shownHtml = setBody(marked, html, url);
  return {
    kind: 'text',
    html,
    shownHtml,
    text,
    wordCount: countWords(text),
    bands: textBands(text),
  };
}
