import type { ParsedMail } from 'mailparser';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { sendEvents } from '../../workers/jobs/send-events.ts';
import { tellChanges } from '../../workers/jobs/tell-changes.ts';
import { tellQuiet } from '../../workers/jobs/tell-quiet.ts';
import { useDatabase } from './database.ts';
import { atom, type FeedServer, useFeedServer } from './feed-server.ts';
import { linkIn, useMailbox } from './mail.ts';
import { type Clock, useStoppedClock } from './pass-time.ts';
import { pollNow } from './poll-now.ts';
import { type Site, startSite } from './site.ts';
import { useWindows } from './windows.ts';

interface Item {
  title: string;
  text?: string;
  /** When it was published; without it, now. */
  date?: string;
}

/** What a person puts into the form of /alerts. */
interface Wish {
  query: string;
  /** As the form calls it. */
  cadence: string;
  email: string;
  webhook?: string;
}

export interface AlertWays {
  clock: Clock;
  server: FeedServer;
  site(): Site;
  /** A window of a browser that knows nothing of the tests before. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** The feed of this test is polled for the first time: it has “Old news”, of three days ago. */
  begin(text?: string): Promise<void>;
  /** The feed has items more, and is polled; one of a title that it has is changed. */
  publish(...items: Item[]): Promise<void>;
  /** The feed says of an item that its publisher has deleted it (RFC 6721), and is polled. */
  withdraw(title: string): Promise<void>;
  /** All that a worker does at this moment for alerts, and once more: nothing may go twice. */
  work(): Promise<void>;
  /** What a worker's work at this moment brings to an address. */
  mailsTo(email: string): Promise<ParsedMail[]>;
  /** Fills the form in, tries the words and asks. @returns what the preview said. */
  ask(page: Page, wish: Wish): Promise<string>;
  /** What the page says, as a person sees it. */
  textOf(page: Page): Promise<string>;
  /** Opens the link of the mail that asks, and presses its button: the owner's page. */
  confirm(page: Page, email: string): Promise<void>;
}

const slug = (title: string) => title.toLowerCase().replace(/[^a-z0-9]+/gu, '-');

/** A feed of a publisher whose items come, change and go. */
function useNewsFeed(server: FeedServer, clock: Clock) {
  const items = new Map<string, Item>();
  const deleted = new Map<string, string>();
  let number = 0;
  let id = 0;
  const name = () => `Kernel News ${number}`;
  const serveAndPoll = async () => {
    const written = atom(name(), [...items.values()].reverse() as Required<Item>[]);
    const tombstones = [...deleted].map(
      ([title, when]) =>
        `<at:deleted-entry ref="tag:example.org,2026:${slug(title)}" when="${when}"/>`,
    );
    const body = written
      .replace('<feed ', '<feed xmlns:at="http://purl.org/atompub/tombstones/1.0" ')
      .replace('</feed>', `${tombstones.join('')}</feed>`);
    const path = `/kernel-${number}`;
    server.serve(path, { body });
    id ||= (await addFeeds([{ url: server.at(path) }]))[0]?.id ?? 0;
    const report = await pollNow(id);
    if (report?.outcome !== 'read') throw new Error(`the feed was not read: ${report?.message}`);
  };
  beforeEach(() => {
    items.clear();
    deleted.clear();
    number += 1;
    id = 0;
  });
  return {
    async publish(...fresh: Item[]) {
      for (const item of fresh) {
        const date = items.get(item.title)?.date ?? clock.now().toISOString();
        items.set(item.title, { date, ...item });
      }
      await serveAndPoll();
    },
    async withdraw(title: string) {
      items.delete(title);
      deleted.set(title, clock.now().toISOString());
      await serveAndPoll();
    },
  };
}

/**
 * All that an alert passes on its way from a person to that person: a browser, the built site, a
 * feed, the worker's jobs and a mail server. All clocks but the browser's stand at `start`.
 */
export function useAlertWays(start: Date): AlertWays {
  useDatabase();
  const mailbox = useMailbox();
  const server = useFeedServer();
  const clock = useStoppedClock(start);
  const { publish, withdraw } = useNewsFeed(server, clock);
  const open = useWindows();
  let site: Site;
  beforeAll(async () => {
    site = await startSite({}, clock.nodeArguments());
    provideSettings({ SITE_URL: site.url });
  });
  afterAll(() => site?.stop());
  const work = async () => {
    for (let run = 1; run <= 2; run++) {
      await matchAlerts();
      await buildDigests();
      await tellChanges();
      await tellQuiet();
      await deliverMail();
      await sendEvents();
    }
  };
  const mailsTo = async (email: string) => {
    await work();
    const mails = await mailbox.list();
    return mails.filter((mail) => [mail.to].flat().some((to) => to?.text === email));
  };
  return {
    clock,
    server,
    site: () => site,
    open,
    begin: (text = 'Of old times.') =>
      publish({ title: 'Old news', text, date: clock.ago({ days: 3 }).toISOString() }),
    publish,
    withdraw,
    work,
    mailsTo,
    async ask(page, { query, cadence, email, webhook }) {
      await page.goto(`${site.url}/alerts`);
      await page.getByLabel('Words to watch for').fill(query);
      await page.getByRole('button', { name: 'Try it' }).click();
      const preview = (await page.locator('.live[role=status]').textContent()) ?? '';
      await page.getByRole('radio', { name: cadence }).check();
      if (webhook !== undefined) {
        await page.getByText('More ways: a filter policy, a webhook').click();
        await page.getByLabel('Webhook', { exact: true }).fill(webhook);
      }
      await page.getByLabel('Your address').fill(email);
      await page.getByRole('button', { name: 'Send the confirmation' }).click();
      await page.waitForURL(`${site.url}/alerts/asked`);
      return preview;
    },
    textOf: (page) => page.locator('main').innerText(),
    async confirm(page, email) {
      await page.goto(linkIn((await mailsTo(email)).at(-1), 'confirm'));
      await page.getByRole('heading', { name: 'Begin this alert?' }).waitFor();
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByRole('heading', { name: 'Your alerts' }).waitFor();
    },
  };
}
