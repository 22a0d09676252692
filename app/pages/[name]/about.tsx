import { config } from '../../../lib/config.ts';
import { Page } from '../../_components/shell.tsx';

/** `/about`: what this site is. */
export function AboutPage() {
  const { siteTitle, operatorContact } = config();
  return (
    <Page head={<h1>About {siteTitle}</h1>}>
      <div className="list body">
        <p>
          {siteTitle} gathers what blogs and news sites publish in their feeds, sorts it by tags and
          shows it with a link to the original. Every list here is also a feed, and you can be told
          by mail when a word that matters to you turns up.
        </p>
        <p>
          The posts belong to their authors. Each one says where it comes from; its own site is the
          place to comment, to subscribe and to thank.
        </p>
        <p>
          No account, no cookie for readers, no tracking. A publisher who wants another form of
          display, or none, finds <a href="/bot">how our fetcher behaves</a> and how to ask.
        </p>
        <h2 id="tags">Tags</h2>
        <p>
          A post bears the categories that its feed gives it. Different names of one thing are taken
          together, and names that say nothing are hidden: <a href="/tags/log">the log</a> has every
          such change. A post that comes without categories is <b>tagged by us</b>: with tags that
          several sources use and that its title or text names. Its publisher’s own take their place
          as soon as there are some.
        </p>
        {operatorContact ? <p>Who runs this site: {operatorContact}</p> : null}
        <p>It runs Tagwire, which is free software.</p>
      </div>
    </Page>
  );
}
