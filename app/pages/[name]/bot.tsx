import { config } from '../../../lib/config.ts';
import { Page } from '../../_components/shell.tsx';

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
        <h2>What it asks for</h2>
        <ul>
          <li>Only the feed, and only when somebody has added it here.</li>
          <li>
            At the feed’s own pace: about four times in the usual time between two posts, from every
            quarter of an hour to once a day. <code>Cache-Control</code>, <code>Expires</code> and
            the feed’s own <code>ttl</code>, <code>sy:updatePeriod</code>, <code>skipHours</code>{' '}
            and <code>skipDays</code> make that less often, up to once a day. Each source’s page
            says what decided.
          </li>
          <li>
            With <code>If-None-Match</code> and <code>If-Modified-Since</code>, so that an unchanged
            feed costs you a 304 without a body.
          </li>
          <li>One feed of a host at a time, with a pause between two, over all our machines.</li>
        </ul>
        <h2>What it obeys</h2>
        <ul>
          <li>
            <code>Retry-After</code> on any error, up to a week, for all feeds of a site.
          </li>
          <li>Errors: the pause doubles from one hour up to a week.</li>
          <li>410 Gone, twice with a day between: we stop asking.</li>
        </ul>
        <h2>How to change what is shown, or to stop it</h2>
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
