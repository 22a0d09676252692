import type { AdminFeed } from '../../../lib/queries/admin.ts';

/** Pages that name several feeds, each with a button. Nothing is read of them until one is chosen. */
export function FeedChoices({ feeds }: { feeds: AdminFeed[] }) {
  const open = feeds.filter((feed) => feed.choices.length > 0);
  if (open.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="choices">
      <h2 className="h" id="choices">
        To choose from
      </h2>
      {open.map((feed) => (
        <Choice key={feed.id} feed={feed} />
      ))}
    </section>
  );
}

function Choice({ feed: { id, url, choices } }: { feed: AdminFeed }) {
  return (
    <form method="post" action={`/admin/feeds/${id}/choose`} className="feed-choice">
      <p>
        <a href={url}>{url}</a> names {choices.length} feeds:
      </p>
      <ul className="wrong">
        {choices.map((choice) => (
          <li key={choice.url}>
            <button
              type="submit"
              name="url"
              value={choice.url}
              className="btn two"
              aria-label={`Choose ${choice.title ?? choice.url}`}
            >
              Choose
            </button>
            <span>
              {choice.title ? <b>{choice.title}</b> : null}
              <span className="q">{choice.url}</span>
            </span>
          </li>
        ))}
      </ul>
    </form>
  );
}
