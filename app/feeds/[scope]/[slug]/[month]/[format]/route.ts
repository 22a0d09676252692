import { answerFeed, type FeedParameters } from '../../../../../_feeds/feed-route.ts';

interface Context {
  params: Promise<FeedParameters>;
}

/** The feed of any list of posts; lib/model/list-address.ts says at which address. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  return answerFeed(await params);
}
