import sanitizeHtml from 'sanitize-html';
import { embedOf } from './embeds.ts';
import { BODY_CHARACTERS_MAX } from './limits.ts';
import { formulasAsText } from './math-text.ts';
import { keepMath, MATH_ATTRIBUTES, MATH_TAGS, prepareFormulas, writeFormulas } from './mathml.ts';
import { limitNesting } from './nesting.ts';
import { type Classes, followClasses, languageClass } from './read-classes.ts';
import { absoluteUrl } from './urls.ts';

const TAGS = (
  'h1 h2 h3 h4 h5 h6 p div span br hr wbr blockquote pre code samp kbd var tt ul ol li dl dt dd ' +
  'a abbr acronym address b bdi bdo big cite del dfn em i ins mark q s small strike strong sub ' +
  'sup time u ruby rb rp rt article aside section header footer main nav hgroup figure figcaption ' +
  'details summary table caption colgroup col thead tbody tfoot tr td th img picture source ' +
  'audio video track center font'
).split(' ');

/** Elements whose text is not for readers. */
const NOT_TEXT = ['script', 'style', 'textarea', 'option', 'noscript', 'template', 'title'];
const UNREAD = new Set(NOT_TEXT);

/** What the parser is shown: all but these would be taken out afterwards. */
const SHOWN = new Set([...TAGS, ...NOT_TEXT, 'iframe']);

const SIZE = /^\d{1,5}$/u;
/** Pictures of one pixel count readers; nobody looks at them. */
const PIXEL = /^[01]$/u;

type Attributes = Record<string, string>;

function attribute(name: string, value: string | undefined): Attributes {
  return value === undefined ? {} : { [name]: value };
}

function onlySize(attributes: Attributes): Attributes {
  const size: Attributes = {};
  for (const name of ['width', 'height']) {
    const value = attributes[name]?.replace(/px$/u, '');
    if (value !== undefined && SIZE.test(value)) size[name] = value;
  }
  return size;
}

function transforms(
  base: string | undefined,
  classes: Classes | undefined,
): sanitizeHtml.IOptions['transformTags'] {
  const media = (tagName: string, attributes: Attributes) => ({
    tagName,
    attribs: {
      ...attribute('src', absoluteUrl(attributes.src, base)),
      ...attribute('type', attributes.type),
      ...(tagName === 'audio' || tagName === 'video' ? { controls: '', preload: 'none' } : {}),
      ...attribute('poster', absoluteUrl(attributes.poster, base)),
      ...onlySize(attributes),
    },
  });
  return {
    a: (tagName, attributes) => {
      const href = linkTarget(attributes.href, base);
      const title = attribute('title', attributes.title);
      // Before there was `id`, a place had a `name`.
      const id = attribute('id', attributes.id ?? attributes.name);
      if (href === undefined) return { tagName, attribs: { ...id, ...title } };
      return { tagName, attribs: { ...id, href, ...title, rel: 'nofollow noopener' } };
    },
    // A frame loads what it likes: a link to the same takes its place.
    iframe: (_, attributes) => {
      const src = absoluteUrl(attributes.src, base);
      if (src === undefined) return { tagName: 'iframe', attribs: {} as Attributes };
      const { url, says } = embedOf(src);
      const title = attributes.title?.trim();
      const text = title ? `${says}: ${title}` : says;
      return {
        tagName: 'a',
        attribs: { class: 'embed', href: url, rel: 'nofollow noopener' },
        text,
      };
    },
    '*': (tagName, attributes) => ({
      tagName,
      attribs: plainAttributes(tagName, attributes, classes),
    }),
    img: (tagName, attributes) => ({
      tagName,
      attribs: {
        ...attribute('src', pictureAddress(attributes, base)),
        alt: attributes.alt ?? '',
        ...attribute('title', attributes.title),
        ...onlySize(attributes),
        loading: 'lazy',
      },
    }),
    audio: media,
    video: media,
    source: media,
    track: media,
    blockquote: cited(base),
    q: cited(base),
    ins: cited(base),
    del: cited(base),
  };
}

/** What is left of attributes that mean the same for any element: names of places, and of languages. */
function plainAttributes(
  tagName: string,
  attributes: Attributes,
  classes: Classes | undefined,
): Attributes {
  const { id, 'data-code': code } = attributes;
  const isCode = tagName === 'pre' || tagName === 'code';
  const named = isCode ? languageClass(attributes.class) : undefined;
  const language = classes?.languageHere(tagName, attributes);
  const isKept = code === undefined && (id === undefined || PLACE.test(id));
  const attribs = isKept && !isCode ? attributes : { ...attributes };
  if (!isKept) {
    delete attribs['data-code'];
    if (id !== undefined && !PLACE.test(id)) delete attribs.id;
  }
  if (isCode) {
    if (named === undefined) delete attribs.class;
    else attribs.class = named;
    if (named === undefined && language !== undefined) attribs['data-code'] = language;
  }
  classes?.remember(tagName, attributes, attribs);
  return attribs;
}

const cited = (base: string | undefined) => (tagName: string, attributes: Attributes) => ({
  tagName,
  attribs: {
    ...attribute('cite', absoluteUrl(attributes.cite, base)),
    ...attribute('datetime', attributes.datetime),
  },
});

/** Web addresses absolute; mail addresses as they are; anything else is no link. */
function linkTarget(given: string | undefined, base: string | undefined): string | undefined {
  const text = given?.trim();
  if (text !== undefined && /^mailto:[^\s<>"']{3,320}$/iu.test(text)) return text;
  return absoluteUrl(text, base);
}

/** The picture itself where the page would load it by script. */
function pictureAddress(attributes: Attributes, base: string | undefined): string | undefined {
  for (const name of ['src', 'data-src', 'data-original', 'data-lazy-src']) {
    const address = absoluteUrl(attributes[name], base);
    if (address !== undefined) return address;
  }
  const candidate = attributes.srcset?.trim().split(/[\s,]/u)[0];
  return absoluteUrl(candidate, base);
}

const ATTRIBUTES: sanitizeHtml.IOptions['allowedAttributes'] = {
  '*': ['dir', 'lang', 'id'],
  a: ['href', 'title', 'rel', 'class'],
  abbr: ['title'],
  acronym: ['title'],
  dfn: ['title'],
  time: ['datetime'],
  blockquote: ['cite'],
  q: ['cite'],
  ins: ['cite', 'datetime'],
  del: ['cite', 'datetime'],
  code: ['class', 'data-code'],
  pre: ['class', 'data-code'],
  img: ['src', 'alt', 'title', 'width', 'height', 'loading'],
  audio: ['src', 'controls', 'preload'],
  video: ['src', 'controls', 'preload', 'poster', 'width', 'height'],
  source: ['src', 'type'],
  track: ['src'],
  ol: ['start', 'reversed', 'type'],
  li: ['value'],
  td: ['colspan', 'rowspan', 'align'],
  th: ['colspan', 'rowspan', 'align', 'scope'],
  col: ['span'],
  colgroup: ['span'],
};
/** Two sets: the filter goes through all it is given, for each body. */
const WITHOUT_MATH = { allowedTags: TAGS, allowedAttributes: ATTRIBUTES };
const WITH_MATH = {
  allowedTags: [...TAGS, ...MATH_TAGS],
  allowedAttributes: {
    ...ATTRIBUTES,
    ...Object.fromEntries(MATH_TAGS.map((name) => [name, MATH_ATTRIBUTES])),
  },
};

/**
 * Names of places in a text that notes and tables of contents have; pages put another before it.
 */
const PLACE = /^[\w:.-]{1,100}$/u;

const isNoPicture = ({ tag, attribs }: { tag: string; attribs: Attributes }): boolean =>
  tag === 'img' &&
  (attribs.src === undefined ||
    PIXEL.test(attribs.width ?? '') ||
    PIXEL.test(attribs.height ?? ''));

/** XHTML that is read as HTML: `<script src="…"/>` would swallow all that follows. */
const SELF_CLOSED_RAW = /<(script|style|iframe|noscript|textarea|title)(\s[^<>]*)?\/>/giu;

/** What sanitiseMarked adds beside MathML: links for frames, names of places, and languages. */
const MARKS = /<a class="embed"[^<>]*>[^<>]*<\/a>|<[a-z][^<>]*? (?:id|data-code)="[^<>]*>/gu;
const MARK = / (?:id|data-code)="[^"]*"/gu;

/**
 * HTML as it may be shown on our pages: a plain allow-list, links and pictures absolute, no
 * styles, scripts, frames, forms, SVG or MathML. Sanitising twice changes nothing more. Linear
 * in the length of the input, which is cut at BODY_CHARACTERS_MAX.
 * @param base for relative addresses; without it they are no links.
 */
export const sanitiseHtml = (html: string, base: string | undefined): string =>
  withoutMarks(sanitiseMarked(html, base));

/** What sanitiseHtml gives, of what sanitiseMarked gave. */
export const withoutMarks = (marked: string): string =>
  formulasAsText(
    marked.replace(MARKS, (found) => (found.endsWith('</a>') ? '' : found.replace(MARK, ''))),
  ).trim();

/**
 * The same with marks, from which pages set notes, frames, code and formulas (set-body.ts): `id` at
 * places that have a name, `<a class="embed">` in the place of a frame, `data-code` with the
 * language of code that has it in other ways than by a class that is kept, and MathML (mathml.ts).
 */
export function sanitiseMarked(html: string, base: string | undefined): string {
  const cut = html.length > BODY_CHARACTERS_MAX ? html.slice(0, BODY_CHARACTERS_MAX) : html;
  const closed = prepareFormulas(cut)
    .replace(SELF_CLOSED_RAW, '<$1$2></$1>')
    // One that is never closed would swallow all that follows.
    .replace(/<iframe(?:\s[^<>]*)?>/giu, '$&</iframe>');
  const classes = followClasses(closed);
  const hasFormulas = /<math[\s/>]/iu.test(closed);
  const clean = sanitizeHtml(
    limitNesting(
      closed,
      keepMath(closed, (name) => SHOWN.has(name), UNREAD),
    ),
    {
      ...(hasFormulas ? WITH_MATH : WITHOUT_MATH),
      allowedSchemes: ['http', 'https', 'mailto'],
      allowProtocolRelative: false,
      nonTextTags: NOT_TEXT,
      transformTags: transforms(base, classes),
      exclusiveFilter: (frame) => classes?.isNothing(frame) || isNoPicture(frame),
      onOpenTag: classes?.onOpenTag,
      onCloseTag: classes?.onCloseTag,
    },
  );
  return (hasFormulas ? writeFormulas(clean) : clean).trim();
}
