import type { FacetName, SearchQuery } from '../../lib/model/search.ts';

interface SearchFormProps {
  query: SearchQuery;
  /** The page's main thing. Otherwise it is for narrow windows, whose head has no field. */
  isMain?: boolean;
  hasDates?: boolean;
}

/** The words to search for. What the search is narrowed to stays. */
export function SearchForm({ query, isMain, hasDates }: SearchFormProps) {
  return (
    <form
      className={isMain ? 'field big' : 'sm field find'}
      role="search"
      aria-label="This search"
      action="/search"
    >
      <label className={isMain ? undefined : 'vh'} htmlFor="words">
        Search all posts
      </label>
      <div className="inline">
        <input id="words" name="q" type="search" defaultValue={query.q} maxLength={300} />
        <button className="btn" type="submit">
          Search
        </button>
      </div>
      <Kept query={query} names={hasDates ? WITHOUT_DATES : FILTERS} />
      {hasDates ? <DateFields query={query} /> : null}
    </form>
  );
}

/** From which day to which, in UTC. */
export function DateForm({ query }: { query: SearchQuery }) {
  return (
    <form action="/search">
      <Kept query={query} names={['q', ...WITHOUT_DATES]} />
      <DateFields query={query} />
      <p>
        <button className="btn two" type="submit">
          Narrow
        </button>
      </p>
    </form>
  );
}

function DateFields({ query }: { query: SearchQuery }) {
  return (
    <div className="dates">
      <label htmlFor="from">From</label>
      <input id="from" name="from" type="date" defaultValue={query.from} />
      <label htmlFor="to">To</label>
      <input id="to" name="to" type="date" defaultValue={query.to} />
    </div>
  );
}

type Name = 'q' | FacetName | 'from' | 'to' | 'order' | 'view';
const WITHOUT_DATES: Name[] = ['tag', 'source', 'author', 'lang', 'year', 'order', 'view'];
const FILTERS: Name[] = [...WITHOUT_DATES, 'from', 'to'];

/** What a form does not ask for goes on with it unseen. */
function Kept({ query, names }: { query: SearchQuery; names: Name[] }) {
  return names.map((name) =>
    query[name] ? <input key={name} type="hidden" name={name} value={query[name]} /> : null,
  );
}
