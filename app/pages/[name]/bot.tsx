import { config } from '../../../lib/config.ts';
import {
  BODY_BYTES_MAX,
  CHECK_LONGEST_MS,
  CHECK_SHORTEST_MS,
  ERROR_FIRST_MS,
  ERROR_LONGEST_MS,
  FETCH_MS_MAX,
  FULL_CHECK_MS,
  GONE_CONFIRMED_MS,
  LOOKS_PER_GAP,
  MOVE_CONFIRMED_MS,
  REDIRECTS_MAX,
  RETRY_AFTER_LONGEST_MS,
  ROBOTS_KEPT_MS,
  SITE_WISH_KEPT_MS,
} from '../../../lib/model/fetch-policy.ts';
import { writeBytes, writeShare } from '../../../lib/model/fetching.ts';
import { Page } from '../../_components/shell.tsx';
import { count, writeNumber, writePause } from '../../_components/text.ts';
import { readSiteFetching } from '../../_data/fetching.ts';

/** `20 min`, `6 h`, `7 days` of a time in milliseconds. */
const pause = (ms: number) => writePause(Math.round(ms / 60_000));

/** `/bot`: what our fetcher does, for the people whose servers it asks. */
export function BotPage() {
  const { siteTitle, siteUrl, operatorContact } = config();
  return (
    <Page head={<h1>How our fetcher behaves</h1>}>
      <div className="list body">
        <p>
          You see requests whose user agent starts with <code>Tagwire/</code> and names this address
          ({siteUrl}/bot); it also says how many feeds are read. They come from {siteTitle}, which
          reads your feed to show its posts, each with your name and a link to the original.
        </p>
        <Asks />
        <Obeys />
        <Sums />
        <h2>How to change what is shown, or to stop it</h2>
        <p>
          A line in the feed itself says that only excerpts or links are to be shown, or posts some
          hours later, or none at all. Each <a href="/sources">source’s page</a> leads to one for
          its publisher, where that line stands.
        </p>
        <p>
          {operatorContact ? (
            <>Write to {operatorContact} from an address of your site. </>
          ) : (
            <>Write to whoever runs this site. </>
          )}
          We can show excerpts or links instead of full posts, or take the feed and its posts away.
          Answering our requests with 410 stops them as well.
        </p>
      </div>
    </Page>
  );
}

function Asks() {
  return (
    <>
      <h2>What it asks for</h2>
      <ul>
        <li>
          Only the feed, and only when somebody has added it here. Who adds a site’s address makes
          us look for its feed once: that page, its <code>robots.txt</code>, and a few usual places
          if the page names none.
        </li>
        <li>
          Beside feeds, for sources whose feeds give excerpts and where we have been allowed to: the
          page of each new post, once, for its full text, unless <code>robots.txt</code>, the page
          or its feed says no. Each source’s page says whether that is so.
        </li>
        <li>
          At the feed’s own pace: about {LOOKS_PER_GAP} times in the usual time between two posts,
          from every {pause(CHECK_SHORTEST_MS)} to every {pause(CHECK_LONGEST_MS)}.{' '}
          <code>Cache-Control</code>, <code>Expires</code> and the feed’s own <code>ttl</code>,{' '}
          <code>sy:updatePeriod</code>, <code>skipHours</code> and <code>skipDays</code> make that
          less often, up to every {pause(CHECK_LONGEST_MS)}.
        </li>
        <li>
          With <code>If-None-Match</code> and <code>If-Modified-Since</code>, so that an unchanged
          feed costs you a 304 without a body; without them once in {pause(FULL_CHECK_MS)}.
        </li>
        <PerHost />
      </ul>
    </>
  );
}

function Obeys() {
  return (
    <>
      <h2>What it obeys</h2>
      <ul>
        <li>
          <code>Retry-After</code> on any error, up to {pause(RETRY_AFTER_LONGEST_MS)}, for all
          feeds of a site.
        </li>
        <li>
          Errors: the pause doubles from {pause(ERROR_FIRST_MS)} up to {pause(ERROR_LONGEST_MS)}.
        </li>
        <li>410 Gone for {pause(GONE_CONFIRMED_MS)}: we stop asking.</li>
        <li>
          A permanent redirect that leads to one address for {pause(MOVE_CONFIRMED_MS)} is your
          feed’s address from then on.
        </li>
        <li>
          <code>robots.txt</code> (RFC 9309, as <code>Tagwire</code>) for everything but the feed,
          which is made for programs. It is read at most once in {pause(ROBOTS_KEPT_MS)}. Once in{' '}
          {pause(SITE_WISH_KEPT_MS)} it is read for what it says of use by other robots, which the
          pages of your posts repeat here.
        </li>
        <li>
          <code>noindex</code>, <code>nosnippet</code>, <code>noarchive</code>, <code>noai</code>,{' '}
          <code>none</code> and <code>max-snippet:0</code> in <code>X-Robots-Tag</code> or{' '}
          <code>meta name="robots"</code>, for the pages of posts.
        </li>
      </ul>
    </>
  );
}

/** What one host sees of us, by the settings in force. */
function PerHost() {
  const { fetchHostConcurrency, fetchHostDelayMs } = config();
  return (
    <li>
      {count(fetchHostConcurrency, 'request')} at a time for one host, {fetchHostDelayMs / 1000} s
      between two, {FETCH_MS_MAX / 1000} s and {writeBytes(BODY_BYTES_MAX)} at most for each, and{' '}
      {REDIRECTS_MAX} redirects.
    </li>
  );
}

/** What all of it came to in the last days. */
async function Sums() {
  const all = await readSiteFetching();
  return (
    <>
      <h2>What that came to</h2>
      {all.polls === 0 ? (
        <p>Nothing has been asked so far.</p>
      ) : (
        <p>
          {count(all.feeds, 'feed')} now, and on {count(all.days, 'day')} of the last 30 about{' '}
          {writeNumber(Math.round(all.requests / all.days))} requests a day, which brought{' '}
          {writeBytes(all.wireBytes / all.days)} a day ({writeBytes(all.bodyBytes / all.days)}{' '}
          unpacked). {writeShare(all.notModified, all.polls)} of the polls were answered with 304.
          We were asked {count(all.retryAfters, 'time')} to come later and did;{' '}
          {count(all.resting, 'feed rests', 'feeds rest')} for that now.
        </p>
      )}
      <p>
        The same for one feed, poll by poll, is linked from the page of its{' '}
        <a href="/sources">source</a>.
      </p>
    </>
  );
}
