import { knownAddress } from './known-addresses.ts';

/** Parameters that say how a reader came, never what he sees. Names in lower case. */
const TRACKING = new Set(
  (
    'fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh ' +
    'mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv ' +
    'oly_anon_id oly_enc_id rb_clickid s_cid s_kwcid ef_id wickedid _openstat zanpid otc ' +
    'at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 ' +
    'ncid ito ns_mchannel ns_source ns_campaign ns_linkname ns_fee sc_cid cvid ocid ' +
    'xtor sr_share guccounter guce_referrer guce_referrer_sig ga_source ga_medium ga_term ' +
    'ga_content ga_campaign ga_place gs_l spm scm fb_action_ids fb_action_types fb_source fb_ref ' +
    'hmb_campaign hmb_medium hmb_source itm_source itm_medium itm_campaign itm_content itm_term ' +
    'cmpid cmp_ref ref_src ref_url mbid soc_src soc_trk feedname feedtype action_object_map ' +
    'action_type_map action_ref_map sr_share mtm_source mtm_medium mtm_campaign mtm_keyword ' +
    'campaign_id campaign_medium campaign_name campaign_source campaign_term campaign_content ' +
    'fb_comment_id srsltid mc_tc _bhlid _branch_match_id _branch_referrer __readwiselocation ' +
    'mtm_content mtm_cid mtm_group mtm_placement pk_source pk_medium pk_campaign pk_keyword ' +
    'pk_content pk_cid piwik_campaign piwik_kwd wt_mc wt_zmc'
  ).split(' '),
);
const TRACKING_PREFIX = /^(utm_|utm-|stm_|pk_|mtm_|hsa_)/u;
/** Parameters that only some hosts use for it. */
const TRACKING_ON: readonly (readonly [RegExp, ReadonlySet<string>])[] = [
  [/(^|\.)youtube\.com$/u, new Set(['feature', 'si', 'pp', 'ab_channel'])],
  [/(^|\.)medium\.com$/u, new Set(['source', 'sk'])],
  [/(^|\.)(twitter|x)\.com$/u, new Set(['s', 't', 'ref_src'])],
];

/** Whether a query parameter only says how a reader came. */
function isTrackingParameter(name: string, host: string): boolean {
  const folded = name.toLowerCase();
  if (TRACKING.has(folded) || TRACKING_PREFIX.test(folded)) return true;
  return TRACKING_ON.some(([hosts, names]) => hosts.test(host) && names.has(folded));
}

function withoutTracking(search: string, host: string): string {
  // Taken apart by hand: URLSearchParams would write all of the others anew.
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => {
      const written = pair.split('=')[0] ?? '';
      return pair !== '' && !isTrackingParameter(decodeOrKeep(written), host);
    });
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Escapes in one way: hexadecimal digits in capitals, what needs no escape without one. */
function normaliseEscapes(path: string): string {
  return path.replace(/%([0-9a-f]{2})/giu, (whole, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[A-Za-z0-9._~-]/u.test(character) ? character : whole.toUpperCase();
  });
}

const INDEX_PAGE = /\/(index|default)\.(html?|php|aspx?)$/iu;

/** Addresses that lead to addresses, at most; a chain that is longer stays where it is then. */
const STEPS_MAX = 8;

/**
 * Which rules made a canonical URL. Raise it when they change: stored ones are made anew then
 * (`bin/tagwire posts canonicalise`).
 */
export const CANONICAL_VERSION = 2;

/**
 * The identity of an address: equal for addresses that differ only in how they are written, how a
 * reader came, or by what known way they lead to one page (known-addresses.ts). For comparing,
 * never for showing: http becomes https, the path loses its last slash. The order of parameters
 * and `www.` stay, for they may matter. A fragment goes, unless it is a route (`#!…`, `#/…`) or
 * `keepFragment` says that it matters. What is no web address comes back as it is. Doing it twice
 * changes nothing.
 */
export function canonicalUrl(given: string, keepFragment = false): string {
  let text = given;
  // Taking something away may uncover more of it (`/index.php/index.php`, a redirector's target).
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = canonicalStep(text, keepFragment);
    if (next === text) return text;
    text = next;
  }
  return text;
}

function canonicalStep(given: string, keepFragment: boolean): string {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/u.test(url.protocol)) return given;
  const known = knownAddress(url);
  if (known !== undefined) return known;
  const counts = keepFragment || /^#(!|\/)/u.test(url.hash);
  const port = url.port === '' || url.port === '80' || url.port === '443' ? '' : `:${url.port}`;
  const host = url.hostname.replace(/\.$/u, '');
  const path = normaliseEscapes(url.pathname).replace(INDEX_PAGE, '/').replace(/\/+$/u, '');
  const search = withoutTracking(url.search, host);
  return `https://${host}${port}${path === '' ? '/' : path}${search}${counts ? url.hash : ''}`;
}
