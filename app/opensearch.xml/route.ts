import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { htmlText, xmlText } from '../../lib/syndicate/outgoing-feed.ts';

/** The short name's length (OpenSearch 1.1 draft 6, "ShortName"). */
const SHORT_NAME_CHARACTERS_MAX = 16;

/** Lets a browser search this site from its address bar. */
export async function GET(): Promise<Response> {
  await connection();
  const { siteTitle, siteUrl } = config();
  const name = htmlText(xmlText([...siteTitle].slice(0, SHORT_NAME_CHARACTERS_MAX).join('')));
  const body = `<?xml version="1.0" encoding="utf-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>${name}</ShortName>
  <Description>Search the posts of ${htmlText(xmlText(siteTitle))}</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <Url type="text/html" template="${htmlText(siteUrl)}/search?q={searchTerms}"/>
  <Url type="application/rss+xml" template="${htmlText(siteUrl)}/search/feed.xml?q={searchTerms}"/>
</OpenSearchDescription>
`;
  return new Response(body, {
    headers: {
      'content-type': 'application/opensearchdescription+xml; charset=utf-8',
      'cache-control': 'public, max-age=3600',
    },
  });
}
