import type { PostView } from '../../lib/model/post.ts';

// What public/mute.js finds posts and its buttons by.

/** What a post in a list may be muted for, as attributes of its element. */
export const muteData = (post: Pick<PostView, 'source' | 'tags'>) => ({
  'data-source': post.source.slug,
  'data-tags': post.tags.map(({ slug }) => slug).join(' '),
});

/** Asks which of a post's source, tags and words to mute. */
export function MutePost({ title }: { title: string }) {
  return (
    <span className="scripted">
      <button type="button" name="mute-post" aria-label={`Mute posts like ${title}`}>
        Mute
      </button>
    </span>
  );
}

/** Mutes a whole list, in other lists. */
export function MuteList({ kind, slug }: { kind: 'tags' | 'sources'; slug: string }) {
  const label = kind === 'tags' ? 'Mute this tag' : 'Mute this source';
  return (
    <section className="scripted">
      <h2>Not for you?</h2>
      <p>
        <button type="button" name="mute-list" value={slug} data-kind={kind} data-label={label}>
          {label}
        </button>
      </p>
    </section>
  );
}
