import type { HubLinks } from '../model/feed.ts';
import { absoluteUrl } from './urls.ts';

/** What stands at one place of a Link header: a target, or a parameter of the target before it. */
const TARGET = /\s*,?\s*<([^<>]*)>/uy;
const PARAMETER = /\s*;\s*([^\s=;,"<>]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/uy;
/** Up to here nothing more can be read; the next target may still be found. */
const NEXT_TARGET = /,\s*(?=<)/gu;

interface Link {
  target: string;
  parameters: Map<string, string>;
}

/** The links of a header (RFC 8288, section 3), as far as they can be read. */
function linksOf(header: string): Link[] {
  const links: Link[] = [];
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (at < header.length) {
    const target = match(TARGET)?.[1];
    if (target === undefined) {
      // Past what is broken, or at the end of it all.
      if (match(NEXT_TARGET) === null) break;
      continue;
    }
    const parameters = new Map<string, string>();
    for (let each = match(PARAMETER); each !== null; each = match(PARAMETER)) {
      const [, name = '', quoted, plain = ''] = each;
      const key = name.toLowerCase();
      // The first `rel` counts alone (section 3.3).
      if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/gu, '$1') ?? plain);
    }
    links.push({ target, parameters });
  }
  return links;
}

/**
 * The WebSub hubs and the topic that a Link header names (WebSub, section 4; RFC 8288). Total:
 * what cannot be read is passed over. Several headers are one, joined by commas.
 * @param base the address that answered.
 */
export function readLinkHeader(header: string, base: string): HubLinks {
  const found: Record<'hub' | 'self', string[]> = { hub: [], self: [] };
  for (const { target, parameters } of linksOf(header)) {
    // With an anchor it is a link of something else (section 3.2).
    if (parameters.has('anchor')) continue;
    const url = absoluteUrl(target, base);
    const relations = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/u);
    if (url === undefined) continue;
    for (const rel of ['hub', 'self'] as const) if (relations.includes(rel)) found[rel].push(url);
  }
  const [self] = found.self;
  return { hubs: found.hub, ...(self === undefined ? {} : { self }) };
}
