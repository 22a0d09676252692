import { requestFeed } from '../../../../lib/commands/feeds.ts';
import { TagwireError } from '../../../../lib/errors.ts';
import { backToFeeds } from '../back.ts';

/** Adds the feed in the form's field `url`. */
export async function POST(request: Request): Promise<Response> {
  const form = await request.formData();
  try {
    const { isNew } = await requestFeed(String(form.get('url') ?? ''));
    return backToFeeds(isNew ? 'added' : 'there');
  } catch (error) {
    if (error instanceof TagwireError) return backToFeeds('refused');
    throw error;
  }
}
