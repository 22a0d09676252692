// Links of a body that say nothing to those who do not see them.

const LINK = /<a(\s[^<>]*)>([^<]*(?:<(?!\/?a[\s>])[^<]*)*)<\/a>/gu;
const HREF = /\shref="([^"]*)"/u;
/** What has words of its own, or something to see. */
const SAYS = /\s(?:title|aria-label|alt)="[^"]|<(?:video|audio|math)[\s>]/u;

/** The file that an address leads to, else its host, escaped. */
function nameOf(href: string): string {
  const url = URL.parse(href.replaceAll('&amp;', '&'));
  const file = /([^/]+\.\w{2,5})$/u.exec(url?.pathname ?? '')?.[1];
  return (file ?? (url?.host || 'Picture')).replace(/[&"<>]/gu, '');
}

/**
 * Gives links around pictures without words a name, where they lead; links around nothing are no
 * links.
 */
export const fitLinks = (html: string): string =>
  html.replace(LINK, (whole, attributes: string, inner: string) => {
    const href = HREF.exec(attributes)?.[1];
    if (href === undefined || SAYS.test(attributes) || SAYS.test(inner)) return whole;
    if (inner.replace(/<[^<>]*>|&nbsp;|\s/gu, '') !== '') return whole;
    if (!inner.includes('<img')) return `<a${attributes.replace(HREF, '')}>${inner}</a>`;
    return `<a${attributes}>${inner.replace(/(<img[^<>]*?\s)alt=""/u, `$1alt="${nameOf(href)}"`)}</a>`;
  });
