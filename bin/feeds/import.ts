import { readFileSync } from 'node:fs';
import cliProgress from 'cli-progress';
import { TagwireError } from '../../lib/errors.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { RobotsTexts } from '../../lib/fetch/robots.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import { decodeBytes } from '../../lib/ingest/decode.ts';
import { type AddedFeed, addFeeds, type NewFeed, spreadSeconds } from '../../lib/store/feeds.ts';
import { type OpmlFeed, readOpml } from '../../lib/syndicate/opml.ts';
import { oneLine, plural, whyUnread } from '../terminal-text.ts';
import { acceptUrl } from './accept-url.ts';

/** Lists of some ten thousand feeds have so much; a feed may have more, but no list. */
const OPML_BYTES_MAX = 5 * 1024 * 1024;
const ACCEPT = 'text/x-opml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5';
/** A shorter list is in before a bar has been seen. */
const PROGRESS_FEEDS_MIN = 50;

const isUrl = (place: string) => /^https?:\/\//iu.test(place);

/** The list at an address. @throws TagwireError when it cannot be had. */
async function fetchList(address: string): Promise<string> {
  const url = acceptUrl(address);
  const next = 'See whether it opens in a browser, or save it and import the file.';
  const verdict = await new RobotsTexts(fetchSpaced).check(url);
  if (!verdict.allowed) throw new TagwireError(`${url} is not fetched: ${verdict.reason}.`, next);
  const answer = await fetchSpaced({
    url,
    headers: { accept: ACCEPT },
    bodyBytesMax: OPML_BYTES_MAX,
  });
  if (answer.kind === 'failed') {
    throw new TagwireError(`${url} cannot be fetched: ${answer.message}.`, next);
  }
  if (answer.status !== 200) {
    throw new TagwireError(`${url} cannot be fetched: it answers ${answer.status}.`, next);
  }
  return decodeBytes(answer.body, answer.headers['content-type']).text;
}

function readList(file: string): string {
  try {
    return decodeBytes(readFileSync(file === '-' ? 0 : file), undefined).text;
  } catch (error) {
    throw new TagwireError(
      `${file} cannot be read: ${whyUnread(error)}`,
      'Give an OPML file, or the address of one.',
    );
  }
}

/** The list's feeds that may be fetched; a line for each of the others. */
function acceptOutlines(outlines: OpmlFeed[]): NewFeed[] {
  return outlines.flatMap(({ url, title, tags }) => {
    try {
      return [{ url: acceptUrl(url), ...(title ? { title } : {}), tags }];
    } catch (error) {
      if (!(error instanceof TagwireError)) throw error;
      console.log(`refused        ${oneLine(url)}  ${oneLine(error.message)}`);
      return [];
    }
  });
}

/** Adds them, with a bar on a terminal while a long list goes in. */
async function addAll(wanted: NewFeed[]): Promise<AddedFeed[]> {
  if (!process.stderr.isTTY || wanted.length < PROGRESS_FEEDS_MIN) return addFeeds(wanted);
  const bar = new cliProgress.SingleBar({
    format: 'adding {bar} {value} of {total} feeds',
    stream: process.stderr,
    clearOnComplete: true,
  });
  bar.start(wanted.length, 0);
  try {
    return await addFeeds(wanted, () => bar.increment());
  } finally {
    bar.stop();
  }
}

/**
 * Adds the feeds of a subscription list, a line for each.
 * @param place of an OPML file or its address, or `-` for standard input.
 * @throws TagwireError when that is no list of feeds.
 */
export async function importList(place: string): Promise<void> {
  const text = isUrl(place)
    ? await fetchList(place).finally(closeFetchConnections)
    : readList(place);
  const outlines = readOpml(text);
  if (outlines === undefined || outlines.length === 0) {
    throw new TagwireError(
      `${place === '-' ? 'Standard input' : place} lists no feeds: it holds no outline with an xmlUrl.`,
      'Export your subscriptions as OPML and give that file.',
    );
  }
  const wanted = acceptOutlines(outlines);
  const refused = outlines.length - wanted.length;
  const feeds = await addAll(wanted);
  for (const feed of feeds) {
    console.log(`${feed.isNew ? 'added        ' : 'already there'}  ${feed.url}`);
  }
  const added = feeds.filter((feed) => feed.isNew).length;
  process.stderr.write(
    `${plural(outlines.length, 'feed')} listed: ${added} added, ${wanted.length - added} already there, ` +
      `${refused} refused\n`,
  );
  const seconds = spreadSeconds(wanted.length);
  if (added > 0 && seconds > 0) {
    process.stderr.write(
      `Their first polls are spread over ${plural(Math.ceil(seconds / 60), 'minute')}; ` +
        '`bin/tagwire poll --all` asks all of them now.\n',
    );
  }
  if (refused > 0) process.exitCode = 1;
}
