import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { config } from '../lib/config.ts';
import { cardMeta, LARGE_CARD } from './_components/card-meta.ts';
import { fontClasses } from './_styles/fonts.ts';
import './_styles/index.css';

/** What every page says of itself; a page's own words go before the site's name. */
export async function generateMetadata(): Promise<Metadata> {
  const { siteTitle, siteUrl } = config();
  return {
    metadataBase: new URL(siteUrl),
    title: { default: siteTitle, template: `%s – ${siteTitle}` },
    applicationName: siteTitle,
    icons: {
      icon: [
        { url: '/favicon.ico', sizes: '32x32' },
        { url: '/favicon.svg', type: 'image/svg+xml', sizes: 'any' },
      ],
    },
    openGraph: { siteName: siteTitle, ...cardMeta('site', undefined, siteTitle) },
    twitter: LARGE_CARD,
    formatDetection: { telephone: false, date: false, address: false, email: false },
  };
}

export const viewport: Viewport = { colorScheme: 'light dark', width: 'device-width' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={fontClasses}>
      <head>
        {/* Before the first paint, so that no page flashes in the other theme. */}
        <script src="/before-paint.js" />
        <script src="/embeds.js" defer />
        <script type="module" src="/mute.js" />
        <script type="module" src="/keys.js" />
        <script type="module" src="/times.js" />
        <script type="module" src="/search.js" />
        <link
          rel="search"
          type="application/opensearchdescription+xml"
          href="/opensearch.xml"
          title="Search"
        />
      </head>
      <body>{children}</body>
    </html>
  );
}
