import { DomUtils, parseDocument } from 'htmlparser2';

type Dom = ReturnType<typeof parseDocument>;
type Element = ReturnType<typeof DomUtils.getElementsByTagName>[number];

/** A post as a reader of a list sees it. */
interface ShownPost {
  title: string;
  /** The address of its own page. */
  path: string;
  /** `Post Syndicated from AUTHOR original URL` */
  byline: string;
  /** Where the original's address leads. */
  original: string;
  /** What is marked as a hit, in its title and its passage. */
  marks: string[];
}

export interface ShownPage {
  lang: string | undefined;
  title: string;
  headings: string[];
  /** `<link>` elements of the head by `rel`, as [href, type]. */
  links: Record<string, { href: string; type: string | undefined }[]>;
  posts: ShownPost[];
  /** Links of the rail by their text. */
  railLinks: Record<string, string>;
  /** Where the links of the body lead. */
  hrefs: string[];
  /** All that can be read, in one line. */
  text: string;
}

const squeeze = (text: string) => text.replace(/\s+/gu, ' ').trim();
const textOf = (node: Element | Dom) => squeeze(DomUtils.innerText(node));
const all = (name: string, within: Element | Dom) =>
  DomUtils.getElementsByTagName(name, within, true);
const withClass = (name: string, within: Element | Dom) =>
  DomUtils.getElementsByClassName(name, within, true);

function readPost(article: Element): ShownPost {
  const byline = withClass('by', article)[0];
  const heading = all('h2', article)[0] ?? all('h3', article)[0];
  if (byline === undefined || heading === undefined) throw new Error('a post without its head');
  return {
    title: textOf(heading),
    path: all('a', heading)[0]?.attribs.href ?? '',
    byline: textOf(byline),
    original: withClass('url', byline)[0]?.attribs.href ?? '',
    marks: all('mark', article).map(textOf),
  };
}

/** A page of the site as a reader and a program see it. */
export function readPage(html: string): ShownPage {
  const dom = parseDocument(html);
  const links: ShownPage['links'] = {};
  for (const { attribs } of all('link', dom)) {
    const { rel = '', href = '', type } = attribs;
    links[rel] = [...(links[rel] ?? []), { href, type }];
  }
  const rail = withClass('rail', dom)[0];
  return {
    lang: all('html', dom)[0]?.attribs.lang,
    title: all('title', dom).map(textOf)[0] ?? '',
    headings: all('h1', dom).map(textOf),
    links,
    posts: all('article', dom)
      .filter((each) => each.attribs.class === 'post')
      .map(readPost),
    railLinks: Object.fromEntries(
      (rail ? all('a', rail) : []).map((link) => [textOf(link), link.attribs.href ?? '']),
    ),
    hrefs: all('a', dom).flatMap(({ attribs }) => (attribs.href ? [attribs.href] : [])),
    text: all('body', dom).map(textOf).join(' '),
  };
}
