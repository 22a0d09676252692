/** Next's marks between pieces of text and around parts, for its script in the browser alone. */
const MARKS = /<!-- -->|<!--\/?\$-->/gu;
const SCRIPT = /<script((?:\s[^>]*)?)>([\s\S]*?)<\/script>/giu;
/** Data (JSON-LD), and files of ours: what stands in public/. */
const STAYS = /\s(type="application\/(ld\+)?json"|src="\/(?!_next\/)[^"]*")/iu;
/** What is to be loaded before it is met; of no use without the script. */
const PRELOADED_SCRIPT = /<link rel="preload" as="script"[^>]*>/giu;
/** The place of a part that comes later in the page, for React's script to put it there. */
const LATE_PART = /<template id="B:/u;

/** A page as readers get it. */
export interface PlainPage {
  html: string;
  /** A part of it comes late and nothing would put it into its place: a defect of ours. */
  hasLatePart: boolean;
}

/**
 * Takes the framework's scripts out of a page, with the data that they would read: its pages are
 * documents, links and forms, and complete without. What stays are files of our own and data for
 * machines. Inline scripts go whatever they are, so that the policy needs to allow none.
 */
export function takeOutScripts(page: string): PlainPage {
  const html = page
    .replace(SCRIPT, (whole, attributes: string) => (STAYS.test(attributes) ? whole : ''))
    .replace(PRELOADED_SCRIPT, '')
    .replace(MARKS, '');
  return { html, hasLatePart: LATE_PART.test(html) };
}
