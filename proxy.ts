import { type NextRequest, NextResponse } from 'next/server';
import { innerPath } from './lib/model/list-address.ts';

/** Leads public addresses to the pages that answer them (lib/model/list-address.ts). */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, searchParams } = request.nextUrl;
  const inner = innerPath(pathname, searchParams);
  if (inner === undefined) return NextResponse.next();
  return NextResponse.rewrite(new URL(inner, request.url));
}

export const config = {
  // Files and Next's own requests need no look.
  matcher: ['/((?!_next/|theme.js|.*\\.(?:xml|atom|json|opml|txt)$).*)'],
};
