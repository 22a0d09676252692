import { connection } from 'next/server';
import { config } from '../../../lib/config.ts';
import { problem } from '../../_feeds/problem.ts';

/** "Less than a year" is recommended (RFC 9116, section 2.5.5); it is written anew every day. */
const DAYS_VALID = 90;
const DAY_MS = 86_400_000;

/** A contact as a URI (RFC 9116, section 2.5.3); the page that names the operator for other words. */
function contactUri(contact: string, siteUrl: string): string {
  if (/^(https:|mailto:|tel:)\S+$/iu.test(contact)) return contact;
  return /^[^\s@<>]+@[^\s@<>]+$/u.test(contact) ? `mailto:${contact}` : `${siteUrl}/about`;
}

/** How to reach whoever runs this site about a fault in its security (RFC 9116). */
export async function GET(): Promise<Response> {
  await connection();
  const { operatorContact, siteUrl } = config();
  if (!operatorContact)
    return problem(404, 'No contact', 'Whoever runs this site has set no OPERATOR_CONTACT.');
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const lines = [
    `Contact: ${contactUri(operatorContact, siteUrl)}`,
    `Expires: ${new Date(today + DAYS_VALID * DAY_MS).toISOString()}`,
    `Canonical: ${siteUrl}/.well-known/security.txt`,
    '',
  ];
  return new Response(lines.join('\n'), {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=3600',
    },
  });
}
