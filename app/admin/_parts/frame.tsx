import type { ReactNode } from 'react';
import type { Overview } from '../../../lib/queries/admin.ts';
import { Page } from '../../_components/shell.tsx';
import { duration } from './times.ts';

interface Props {
  current: 'overview' | 'feeds' | 'tags' | 'alerts';
  overview: Overview;
  heading: string;
  lede: string;
  children: ReactNode;
}

const PAGES = [
  { key: 'overview', href: '/admin', name: 'Overview' },
  { key: 'feeds', href: '/admin/feeds', name: 'Feeds' },
  { key: 'tags', href: '/admin/tags', name: 'Tags' },
  { key: 'alerts', href: '/admin/alerts', name: 'Alerts' },
] as const;

/** What all of the operator's pages share: the heading, and the numbers of now beside it. */
export function AdminFrame({ current, overview, heading, lede, children }: Props) {
  const { feeds, queues } = overview;
  const now: [string, number | string][] = [
    ['Posts', overview.posts],
    ['Subscribers', overview.subscribers],
    ['Alerts', overview.alerts],
    ['Feeds to poll', queues.toPoll],
    ['Posts to index', queues.toIndex],
    ['Search behind by', duration(overview.searchBehindSeconds)],
    ['Posts to match', queues.toMatch],
    ['Pushes to read', queues.toTake],
    ['Posts to tag again', queues.toRetag],
    ['Pages to read', queues.toRead],
    ['Mails to send', queues.deliveriesPending],
    ['Mails given up', queues.deliveriesDead],
    ['Webhook events to send', queues.eventsPending],
  ];
  const head = (
    <>
      <h1>{heading}</h1>
      <p className="lede">{lede}</p>
    </>
  );
  const rail = (
    <>
      <section>
        <h2>Operator</h2>
        <ul className="plain">
          {PAGES.map(({ key, href, name }) => (
            <li key={key}>
              <a href={href} aria-current={key === current ? 'page' : undefined}>
                {key === current ? <b>{name}</b> : name}
              </a>
              {key === 'feeds' && (
                <span className="n">{feeds.active + feeds.paused + feeds.gone}</span>
              )}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Now</h2>
        <ul className="plain">
          {now.map(([name, value]) => (
            <li key={name}>
              {name}
              <span className="n">{value.toLocaleString('en')}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
  return (
    <Page
      head={head}
      rail={{ label: 'Operator’s pages', summary: 'Operator’s pages', content: rail }}
    >
      <div className="list">{children}</div>
    </Page>
  );
}
