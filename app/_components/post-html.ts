import { config } from '../../lib/config.ts';
import type { PostView } from '../../lib/model/post.ts';
import { unescaped } from '../../lib/pictures/body-pictures.ts';
import { picturePath } from '../../lib/pictures/picture-address.ts';
import { liftBlocks } from './post-blocks.ts';
import { fitLinks } from './post-links.ts';
import { fitFormulas } from './post-math.ts';
import { fitDirections, fitEmoji } from './post-script.ts';

// Fits a stored body into a page. It has been sanitised, so its tags are well-formed, and
// attributes stand in double quotes with &, ", < and > escaped.

const LEVEL_MAX = 6;

/**
 * Numbers the headings of a body so that they follow on from `level` (the level of the post's
 * title) without gaps, and lets what is wide be scrolled. Names of places get the post's before
 * them: twenty bodies stand on one page, and none may take a name of the page's own.
 */
export function fitBody(
  post: Pick<PostView, 'id' | 'bodyHtml' | 'shownHtml'>,
  level: number,
): string {
  const html = fitFormulas(
    fitPlaces(fitLinks(liftBlocks(post.shownHtml ?? post.bodyHtml)), post.id),
  );
  return fitScrolling(fitDirections(fitPictures(fitVideos(fitHeadings(fitEmoji(html), level)))));
}

const SCROLLED = /<(\/?)(a|summary|pre|table)((?:\s[^<>]*)?)>/gu;
const MARK = /\sdata-code="[^"]*"/u;
const LANGUAGE = /\sdata-language="([^"]+)"/u;

/**
 * Lets code and tables be scrolled by keyboard, and keeps tables in their own box. What stands in
 * a link, or in a line that opens something, gets no name of its own: that would be all that is
 * read out of it, and there would be two things to press in one.
 */
function fitScrolling(html: string): string {
  let pressed = 0;
  return html.replace(SCROLLED, (tag, slash: string, name: string, attributes: string) => {
    if (name === 'a' || name === 'summary') {
      pressed += slash === '/' ? -1 : 1;
      return tag;
    }
    const focus = (label: string) =>
      pressed > 0 ? '' : ` tabindex="0" role="group" aria-label="${label}"`;
    if (name === 'table') {
      return slash === '/' ? `${tag}</div>` : `<div class="wide"${focus('Table')}>${tag}`;
    }
    if (slash === '/') return tag;
    const language = LANGUAGE.exec(attributes)?.[1];
    const label = language === undefined ? 'Code' : `${language} code`;
    return `<pre${focus(label)}${attributes.replace(MARK, '')}>`;
  });
}

function fitHeadings(html: string, level: number): string {
  const used = [...new Set([...html.matchAll(/<h([1-6])(?=[\s>])/gu)].map((match) => match[1]))];
  const ranks = new Map(used.sort().map((number, rank) => [number, level + 1 + rank]));
  let last = level;
  const open: number[] = [];
  return html.replace(/<(\/?)h([1-6])(?=[\s>])/gu, (_, slash: string, number: string) => {
    if (slash) return `</h${open.pop() ?? last}`;
    // Nobody may skip a level, also where an author did.
    last = Math.min(ranks.get(number) ?? last, last + 1, LEVEL_MAX);
    open.push(last);
    return `<h${last}`;
  });
}

const IMG = /<img((?:\s[^<>]*)?)>/gu;
const SRC = /\ssrc="([^"]*)"/u;
const POSTER = /(<video(?:\s[^<>]*)?\s)poster="([^"]*)"/gu;

/**
 * Has pictures come through us, so that no third party learns who reads what, or leaves their
 * words alone, as PICTURES says.
 */
function fitPictures(html: string): string {
  switch (config().pictures) {
    case 'direct':
      return html;
    case 'off':
      return html
        .replace(IMG, (_, attributes: string) => {
          const alt = /\salt="([^"]*)"/u.exec(attributes)?.[1]?.trim();
          return alt ? `<span class="no-picture">Picture: ${alt}</span>` : '';
        })
        .replace(POSTER, '$1');
    case 'proxy':
      return html
        .replace(IMG, (_, attributes: string) => {
          const path = picturePath(unescaped(SRC.exec(attributes)?.[1] ?? ''));
          // Without a path of ours the words are left.
          return `<img${attributes.replace(SRC, path === undefined ? '' : ` src="${path}"`)}>`;
        })
        .replace(POSTER, (_, before: string, poster: string) => {
          const path = picturePath(unescaped(poster));
          return path === undefined ? before : `${before}poster="${path}"`;
        });
  }
}

/** An id can clash with another post's, and with what scripts of the page look for. */
const fitPlaces = (html: string, postId: number) =>
  html
    .replace(/(<[a-z][^<>]*?\sid=")/gu, `$1p${postId}-`)
    .replace(/(<a(?:\s[^<>]*?)?\shref="#)/gu, `$1p${postId}-`);

const YOUTUBE = /(<a class="embed" href="https:\/\/www\.youtube\.com\/watch\?v=([\w-]+)"[^<>]*>)/gu;

/** A picture of a video, through us: what it is about, before anybody is asked for it. */
const fitVideos = (html: string) =>
  html.replace(
    YOUTUBE,
    '$1<img src="https://i.ytimg.com/vi/$2/hqdefault.jpg" alt="" width="480" height="360" loading="lazy">',
  );
