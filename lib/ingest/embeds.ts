// What a page shows in a frame, by the frame's address: a link takes its place.

/** A thing to watch or hear elsewhere. */
export interface Embed {
  /** Where a person opens it. */
  url: string;
  /** What to do there: `Watch on YouTube`. */
  says: string;
}

const ID = '([\\w-]{1,64})';
const PROVIDERS: [RegExp, (id: string) => Embed][] = [
  [
    new RegExp(`^//(?:www\\.)?youtube(?:-nocookie)?\\.com/embed/(?!videoseries)${ID}`, 'u'),
    (id) => ({ url: `https://www.youtube.com/watch?v=${id}`, says: 'Watch on YouTube' }),
  ],
  [
    /^\/\/player\.vimeo\.com\/video\/(\d{1,12})/u,
    (id) => ({ url: `https://vimeo.com/${id}`, says: 'Watch on Vimeo' }),
  ],
  [
    new RegExp(`^//(?:www\\.|geo\\.)?dailymotion\\.com/embed/video/${ID}`, 'u'),
    (id) => ({ url: `https://www.dailymotion.com/video/${id}`, says: 'Watch on Dailymotion' }),
  ],
  [
    /^\/\/open\.spotify\.com\/embed\/((?:episode|show|track|album|playlist)\/\w{1,40})/u,
    (id) => ({ url: `https://open.spotify.com/${id}`, says: 'Listen on Spotify' }),
  ],
  [
    /^\/\/codepen\.io\/([\w-]{1,64}\/)embed\//u,
    (id) => ({ url: `https://codepen.io/${id}`, says: 'See it on CodePen' }),
  ],
];
/** PeerTube runs on many hosts, and has one form of address. */
const PEERTUBE = /^(\/\/[\w.-]{1,200})\/videos\/embed\/([\w-]{8,64})/u;

/** @param src absolute address of a frame. */
export function embedOf(src: string): Embed {
  const bare = src.replace(/^https?:/u, '');
  for (const [pattern, make] of PROVIDERS) {
    const id = pattern.exec(bare)?.[1];
    if (id !== undefined) return make(id);
  }
  const [, host, id] = PEERTUBE.exec(bare) ?? [];
  if (host !== undefined) return { url: `https:${host}/w/${id}`, says: 'Watch on PeerTube' };
  return { url: src, says: `Open on ${new URL(src).host}` };
}
