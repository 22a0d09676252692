import { feedRoute } from '../../../_feeds/feed-route.ts';

export const GET = feedRoute('tag', 'atom');
