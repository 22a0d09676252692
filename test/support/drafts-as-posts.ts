import type { PostDraft, PostView } from '../../lib/model/post.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { shownPost } from './shown-post.ts';

/** Drafts as a list shows them, without the database between. */
export const draftsAsPosts = (drafts: readonly PostDraft[], source: PostView['source']) =>
  drafts.map(({ publishedAt, updatedAt, authors, ...draft }, n) =>
    shownPost({
      ...draft,
      id: n + 1,
      slug: slugOf(draft.title),
      authors: authors.map(({ name }) => ({ name, slug: slugOf(name) })),
      source,
      publishedAt: publishedAt?.toISOString() ?? null,
      updatedAt: updatedAt?.toISOString() ?? null,
    }),
  );
