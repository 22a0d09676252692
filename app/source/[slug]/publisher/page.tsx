import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { config } from '../../../../lib/config.ts';
import { DELAY_HOURS_MAX, writeWishes } from '../../../../lib/model/owner-wish.ts';
import type { Ownership } from '../../../../lib/queries/ownership.ts';
import { Day } from '../../../_components/post.tsx';
import { Page } from '../../../_components/shell.tsx';
import { writePause } from '../../../_components/text.ts';
import { readOwnership } from '../../../_data/ownership.ts';
import { decodeSlug } from '../../../_data/slug.ts';

// How the publisher of a source says how it is to be shown, without an account and without asking.

interface Props {
  params: Promise<{ slug: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ slug: '-' }];

async function find(params: Props['params']): Promise<Ownership> {
  const { slug } = await params;
  if (slug === '-') notFound();
  return (await readOwnership(decodeSlug(slug))) ?? notFound();
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { title, slug } = await find(params);
  return {
    title: `For the publisher of ${title}`,
    description: `How the publisher of ${title} decides how its posts are shown here.`,
    alternates: { canonical: `/source/${encodeURIComponent(slug)}/publisher` },
    robots: { index: false, follow: true },
  };
}

export default async function PublisherPage({ params }: Props) {
  const source = await find(params);
  return (
    <Page
      section="sources"
      head={
        <>
          <h1>
            <span className="of">For the publisher of</span> {source.title}
          </h1>
          <p className="lede">
            A line in your feed says how its posts are shown here. Only whoever writes the feed can
            put it there, so nothing else is asked of you, and it takes effect the next time the
            feed is read
            {source.pauseMinutes === null
              ? '.'
              : `: at present ${writePause(source.pauseMinutes)} after the last time.`}
          </p>
        </>
      }
    >
      <div className="list body">
        <InForce source={source} />
        <h2>The line</h2>
        <p>
          As a comment anywhere outside of items, in RSS and Atom. With <code>display=excerpt</code>
          , for example:
        </p>
        <pre className="wraps">
          <code>{`<!-- tagwire:${source.token} display=excerpt -->`}</code>
        </pre>
        <p>
          Where comments cannot be written, the same words without the arrows at the end of the
          feed’s description; in JSON Feed, a field <code>_tagwire</code> at the top.
        </p>
        <Wishes />
        <p>
          Between words stand spaces, line breaks or commas, and nothing but these words may stand
          behind the token: a line with another one has no effect, and it is shown here. Several
          lines in one feed count as one; where they disagree, the last word does. What they say
          stays in force when they are gone, until others take their place; a line with nothing
          behind the token takes everything back. The token is for this feed on this site: other
          sites have theirs.
        </p>
        <h2>Search engines and AI</h2>
        <Use fields={source.use} />
        <h2>Or in other ways</h2>
        <p>
          {config().operatorContact
            ? `Write to ${config().operatorContact} from an address of your site.`
            : 'Write to whoever runs this site.'}{' '}
          Put less into the feed, or tombstones (RFC 6721) for single posts into an Atom feed.
          Answer our requests with 410, and they end after a day.{' '}
          <a href="/bot">How our fetcher behaves</a> has the rest.
        </p>
      </div>
    </Page>
  );
}

function InForce({ source }: { source: Ownership }) {
  if (source.removedAt !== null) {
    return (
      <p className="note">
        Taken out by its publisher on <Day iso={source.removedAt} />. Its posts are gone from here,
        and it is not read any more; to have it back, write to whoever runs this site.
      </p>
    );
  }
  const { count, last } = source.withdrawn;
  const withdrawn = last !== null && (
    <>
      {' '}
      {count === 1 ? 'One post is' : `${count} posts are`} withdrawn at the publisher’s wish, the
      last one on <Day iso={last} />.
    </>
  );
  if (source.seenAt === null) {
    return <p className="note">No line has been seen in the feed so far.{withdrawn}</p>;
  }
  return (
    <div className="note">
      <p>
        A line was last seen on <Day iso={source.seenAt} />. <Understood source={source} />
        {withdrawn}
      </p>
      <Misunderstood report={source.report} />
    </div>
  );
}

function Use({ fields }: { fields: string[] }) {
  return (
    <>
      {fields.length === 0 ? (
        <p>
          Your feed came without a word about use by search engines and AI, so the pages of its
          posts say only what they say of every copy: that yours is the original.
        </p>
      ) : (
        <>
          <p>
            Your feed came with these headers, or the <code>robots.txt</code> of your site says as
            much; the page of each of its posts repeats them:
          </p>
          <ul>
            {fields.map((field) => (
              <li key={field}>
                <code>{field}</code>
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <code>X-Robots-Tag</code> (<code>noai</code>, <code>nosnippet</code>, also for single
        robots), <code>tdm-reservation</code>, <code>Content-Usage</code> and{' '}
        <code>Content-Signal</code> are read whenever your server sends the feed whole, once a week
        at least. So often the <code>robots.txt</code> of your site is read for{' '}
        <code>Content-Usage</code> and <code>Content-Signal</code> for everybody, and for robots
        that may read nothing there: they are told <code>noindex, nosnippet, noai</code> here.
      </p>
    </>
  );
}

function Understood({ source }: { source: Ownership }) {
  const wishes = writeWishes(source);
  if (wishes.length > 0) return `In force: ${wishes.join(', and ')}.`;
  const { faults, unmet } = source.report;
  if (faults.length + unmet.length > 0) return 'Of display and delay nothing is in force.';
  return source.withdrawn.count > 0
    ? 'It asks for nothing about the posts that are shown.'
    : 'It asks for nothing.';
}

function Misunderstood({ report: { faults, unmet } }: { report: Ownership['report'] }) {
  return (
    <>
      {faults.length > 0 && (
        <>
          <p>A line with a word that is not understood has no effect; what was in force stays:</p>
          <ul>
            {faults.map(({ word, right }) => (
              <li key={word}>
                <code>{word}</code> is not understood; right is {right}.
              </li>
            ))}
          </ul>
        </>
      )}
      {unmet.length > 0 && (
        <>
          <p>
            To be withdrawn, but no post of this feed has that address, as the post’s page here
            links to it:
          </p>
          <ul>
            {unmet.map((url) => (
              <li key={url}>
                <code>{url}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Wishes() {
  return (
    <table>
      <caption className="vh">What can stand behind the token</caption>
      <thead>
        <tr>
          <th scope="col">Words</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>
            <code>display=excerpt</code>
          </td>
          <td>only the beginning of each post is shown</td>
        </tr>
        <tr>
          <td>
            <code>display=link</code>
          </td>
          <td>only title, author and link</td>
        </tr>
        <tr>
          <td>
            <code>delay=24h</code>, <code>delay=2d</code>
          </td>
          <td>
            posts come here so many hours or days after their publication, at most{' '}
            {DELAY_HOURS_MAX / 24} days; one that we find gone from the feed before that is never
            shown
          </td>
        </tr>
        <tr>
          <td>
            <code>withdraw=https://…</code>
          </td>
          <td>
            the post at this address goes from pages, feeds, search and alerts; once for each post,
            with the fragment (<code>#…</code>) if the address has one
          </td>
        </tr>
        <tr>
          <td>
            <code>remove</code>
          </td>
          <td>
            all posts of the feed go, and it is not read again; no other word stands in that line
          </td>
        </tr>
      </tbody>
    </table>
  );
}
