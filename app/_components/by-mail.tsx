interface Props {
  /** In the language of alerts. */
  query: string;
  /** What the posts are of, after "an alert for". */
  of: string;
}

/** Where the form of an alert begins with these words. */
export const alertPath = (query: string) => `/alerts?${new URLSearchParams({ query })}`;

/** The way to an alert for the posts of a list. */
export function ByMail({ query, of }: Props) {
  return (
    <section>
      <h2>By mail</h2>
      <p>
        <a href={alertPath(query)}>Get an alert for {of}</a>
      </p>
    </section>
  );
}
