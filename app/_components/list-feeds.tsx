/** The list's own feeds. */
export function ListFeeds({ path }: { path: string }) {
  return (
    <section>
      <h2>Feeds</h2>
      <p className="row">
        <a href={`${path}/feed.xml`}>RSS</a>
        <a href={`${path}/feed.atom`}>Atom</a>
        <a href={`${path}/feed.json`}>JSON Feed</a>
      </p>
    </section>
  );
}
