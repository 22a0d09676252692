import { connection } from 'next/server';
import { drawCard } from '../../../../lib/cards/draw-card.ts';
import { config } from '../../../../lib/config.ts';
import { CARD_KINDS, cardName, cardPath } from '../../../../lib/model/card-address.ts';
import { findCard } from '../../../_data/cards.ts';
import { readSlug } from '../../../_data/slug.ts';
import { problem } from '../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ kind: string; file: string }>;
}

/**
 * The card of a post, a tag, a source, an author or the site (lib/model/card-address.ts). It is
 * kept as pages are, until something that stands on it has changed.
 */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  await connection();
  const given = await params;
  const kind = CARD_KINDS.find((each) => each === given.kind);
  const name = readSlug(cardName(given.file) ?? '');
  const found = kind && name ? await findCard(kind, name) : undefined;
  switch (found?.kind) {
    case 'card':
      return new Response(new Uint8Array(await drawCard(found.card)), {
        headers: { 'content-type': 'image/png' },
      });
    case 'moved':
      return new Response(null, {
        status: 308,
        headers: { location: config().siteUrl + cardPath(found.to.kind, found.to.name) },
      });
    case 'withdrawn':
      return problem(410, 'Taken back', 'The publisher has taken this post back.');
    default:
      return problem(
        404,
        'No such card',
        `There is nothing of that kind and name. ${config().siteUrl}${cardPath('site')} is the site’s.`,
      );
  }
}
