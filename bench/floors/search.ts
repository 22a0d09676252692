import http from 'node:http';
import { config } from '../../lib/config.ts';

const agent = new http.Agent({ keepAlive: true });

/** Closes the kept connections. */
export const closeRawSearch = () => agent.destroy();

/**
 * The floor of searching: one request to Meilisearch for the same hits, facets and highlights.
 * @returns how many posts it found.
 */
export function rawSearch(q: string): Promise<number> {
  const { meiliUrl, meiliKey, meiliIndex } = config();
  const body = JSON.stringify({
    q,
    matchingStrategy: 'all',
    hitsPerPage: 20,
    page: 1,
    facets: ['tagSlugs', 'sourceSlug'],
    attributesToRetrieve: ['id'],
    attributesToHighlight: ['title', 'text'],
    attributesToCrop: ['text'],
    cropLength: 40,
  });
  const headers = {
    authorization: `Bearer ${meiliKey}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const url = `${meiliUrl}/indexes/${meiliIndex}/search`;
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent });
    request.on('error', reject);
    request.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      if (response.statusCode === 200) resolve(JSON.parse(text).totalHits);
      else reject(new Error(`Meilisearch answered ${response.statusCode}: ${text.slice(0, 200)}`));
    });
    request.end(body);
  });
}
