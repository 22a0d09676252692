import { chooseFeed } from '../../../../../lib/commands/feeds.ts';
import { backToFeeds } from '../../back.ts';

interface Context {
  params: Promise<{ id: string }>;
}

/** Takes the feed in the form's field `url` for the page at a row's address. */
export async function POST(request: Request, context: Context): Promise<Response> {
  const { id } = await context.params;
  if (!/^\d{1,9}$/u.test(id)) return new Response(null, { status: 404 });
  const form = await request.formData();
  return backToFeeds(await chooseFeed(Number(id), String(form.get('url') ?? '')));
}
