import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { config } from '../../../../lib/config.ts';
import { DELAY_HOURS_MAX } from '../../../../lib/model/owner-wish.ts';
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
          Where comments cannot be written, the same words without the arrows in the feed’s
          description; in JSON Feed, a field <code>_tagwire</code> at the top.
        </p>
        <Wishes />
        <p>
          Several may stand in one line, with spaces between. What a line says stays in force when
          the line is gone, until another takes its place; a line with nothing behind the token
          takes everything back. The token is for this feed on this site: other sites have theirs.
        </p>
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

const SHOWN = {
  full: 'posts are shown in full',
  excerpt: 'only the beginning of posts is shown',
  link: 'only titles and links are shown',
};

function InForce({ source }: { source: Ownership }) {
  if (source.removedAt !== null) {
    return (
      <p className="note">
        Taken out by its publisher on <Day iso={source.removedAt} />. Its posts are gone from here,
        and it is not read any more; to have it back, write to whoever runs this site.
      </p>
    );
  }
  if (source.seenAt === null)
    return <p className="note">No line has been seen in the feed so far.</p>;
  const wishes = [
    ...(source.display === null ? [] : [SHOWN[source.display]]),
    ...(source.delayHours === null ? [] : [`posts come ${source.delayHours} h after publication`]),
  ];
  return (
    <p className="note">
      A line was last seen on <Day iso={source.seenAt} />.{' '}
      {wishes.length === 0 ? 'It asks for nothing.' : `By it, ${wishes.join(', and ')}.`}
    </p>
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
            <code>delay=24h</code>
          </td>
          <td>
            posts come here so many hours after their publication, at most {DELAY_HOURS_MAX}; one
            that you delete before that is never shown
          </td>
        </tr>
        <tr>
          <td>
            <code>withdraw=https://…</code>
          </td>
          <td>
            the post at this address goes from pages, feeds, search and alerts; once for each post
          </td>
        </tr>
        <tr>
          <td>
            <code>remove</code>
          </td>
          <td>all posts of the feed go, and it is not read again</td>
        </tr>
      </tbody>
    </table>
  );
}
