import { config } from '../../lib/config.ts';
import { type SiteName, scriptText } from '../../lib/syndicate/json-ld.ts';

/** Who speaks in structured data. */
export function siteName(): SiteName {
  const { siteUrl, siteTitle } = config();
  return { url: siteUrl, title: siteTitle };
}

/** What a page is, for machines. No script that runs, so the page's policy need not know it. */
export function StructuredData({ data }: { data: Record<string, unknown> }) {
  return (
    <script
      type="application/ld+json"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: scriptText leaves nothing that ends it.
      dangerouslySetInnerHTML={{ __html: scriptText(data) }}
    />
  );
}
