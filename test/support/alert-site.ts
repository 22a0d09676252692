import { afterAll, beforeAll } from 'vitest';
import { type SavedPosts, savePosts } from '../../lib/store/posts.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { useDatabase } from './database.ts';
import { linkIn, useMailbox } from './mail.ts';
import { makeDraft, makeFeed } from './make.ts';
import { type Site, startSite } from './site.ts';

export interface AlertSite {
  site(): Site;
  /** Of the one feed, “Kernel News”. */
  feedId(): number;
  /** Sends a form as a page of the site does. */
  post(path: string, fields: Record<string, string>, headers?: object): Promise<Response>;
  /** Sends the form of /alerts. */
  ask(email: string, query: string, cadence?: string): Promise<Response>;
  /** Stores a post of the feed. */
  publish(title: string): Promise<SavedPosts>;
  /** Sends what waits. @returns the path of a link of ours in the newest mail to an address. */
  mailedPath(email: string, purpose: string): Promise<string>;
}

/** A site with one feed and a mailbox, for a test file whose requests stand for browsers. */
export function useAlertSite(): AlertSite {
  useDatabase();
  const mailbox = useMailbox();
  let site: Site;
  let feedId: number;
  beforeAll(async () => {
    site = await startSite();
    feedId = await makeFeed('Kernel News');
  });
  afterAll(() => site?.stop());
  const post: AlertSite['post'] = (path, fields, headers = {}) =>
    site.get(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: site.url, ...headers },
    });
  return {
    site: () => site,
    feedId: () => feedId,
    post,
    ask: (email, query, cadence = 'instant') => post('/alerts', { email, query, cadence }),
    publish: (title) =>
      savePosts(
        { id: feedId, slug: 'kernel-news', firstGoodAt: new Date(0), feedTags: [] },
        [makeDraft({ title })],
        { now: new Date() },
      ),
    async mailedPath(email, purpose) {
      await deliverMail();
      const all = await mailbox.list();
      const mails = all.filter((mail) => JSON.stringify(mail.to).includes(email));
      return new URL(linkIn(mails.at(-1), purpose)).pathname;
    },
  };
}
