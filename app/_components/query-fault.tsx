interface Props {
  query: string;
  /** Where in it, in UTF-16 units. */
  at: number;
}

/** As much of a query is shown before the place. */
const BEFORE_CHARACTERS_MAX = 60;
const AFTER_CHARACTERS_MAX = 60;

/** A query with the place marked where it cannot be read. */
export function FaultPlace({ query, at }: Props) {
  const rest = query.slice(at);
  // A word, or a sign with what hangs on it; the end of the query where something is missing.
  const place = /^\s*\S+/u.exec(rest)?.[0] ?? '';
  const start = Math.max(0, at - BEFORE_CHARACTERS_MAX);
  const after = rest.slice(place.length);
  return (
    <code className="fault">
      {start > 0 ? '… ' : ''}
      {query.slice(start, at)}
      <mark>{place === '' ? '\u2009…' : place}</mark>
      {after.slice(0, AFTER_CHARACTERS_MAX)}
      {after.length > AFTER_CHARACTERS_MAX ? ' …' : ''}
    </code>
  );
}
