import { type NextRequest, NextResponse } from 'next/server';
import { config as settings } from './lib/config.ts';
import { AdminGate } from './lib/serve/admin-access.ts';
import { isForged } from './lib/serve/forgery.ts';

export const config = { matcher: ['/((?!_next/).*)'] };

let gate: AdminGate | undefined;

/** A short answer that is no page of ours: nobody meets it by following our links. */
function refusal(status: number, words: string, headers: Record<string, string> = {}): Response {
  return new Response(`${words}\n`, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

async function guardAdmin(request: NextRequest): Promise<Response | undefined> {
  gate ??= new AdminGate(settings().adminPassword);
  // lib/serve/front.ts has made this header one address that can be believed.
  const client = request.headers.get('x-forwarded-for') ?? '';
  const access = await gate.check(request.headers.get('authorization'), client);
  switch (access.kind) {
    case 'granted':
      return undefined;
    case 'no-password-set':
      return refusal(
        403,
        'The operator’s pages are closed: no ADMIN_PASSWORD is set.\n' +
          'Set it (at least 8 characters) in the environment of the site and start it again.',
      );
    case 'unauthorised':
      return refusal(401, 'The operator’s pages need the password in ADMIN_PASSWORD.', {
        'www-authenticate': 'Basic realm="Tagwire operator", charset="UTF-8"',
      });
    case 'too-many-attempts':
      return refusal(
        429,
        'Too many wrong passwords from your network. Please wait and try again.',
        { 'retry-after': String(access.retryAfterSeconds) },
      );
  }
}

/** Stands before every page and route: refuses forged changes, and guards the operator's pages. */
export async function proxy(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl;
  const provenance = {
    method: request.method,
    path: pathname,
    origin: request.headers.get('origin'),
    secFetchSite: request.headers.get('sec-fetch-site'),
  };
  if (isForged(provenance, settings().siteUrl)) {
    return refusal(
      403,
      'This request did not come from a page of this site, so nothing was changed.\n' +
        'Open the page here and send the form again.',
    );
  }
  if (/^\/admin(\/|$)/u.test(pathname)) {
    const refused = await guardAdmin(request);
    if (refused) return refused;
  }
  return NextResponse.next();
}
