import { searchAlertQuery } from '../../lib/model/query/alert-queries.ts';
import type { Facet, FacetName, SearchQuery } from '../../lib/model/search.ts';
import { changeSearch, searchFeedPath, searchPath } from '../../lib/model/search-address.ts';
import { alertPath } from '../_components/by-mail.tsx';
import { hueStyle } from '../_components/tag-mark.tsx';
import { writeNumber } from '../_components/text.ts';
import { DateForm } from './search-form.tsx';

type Facets = Record<FacetName, Facet[]>;

/** In the order of the rail, and how a chosen one is said. */
const FACETS: { name: FacetName; title: string; says: (name: string) => string }[] = [
  { name: 'source', title: 'Source', says: (name) => `from ${name}` },
  { name: 'tag', title: 'Tag', says: (name) => `tagged ${name}` },
  { name: 'author', title: 'Author', says: (name) => `by ${name}` },
  { name: 'lang', title: 'Language', says: (name) => `in ${name}` },
  { name: 'year', title: 'Year', says: (name) => `of ${name}` },
];

/** What the search is narrowed to, each with the way out of it. */
export function Chosen({ query, facets }: { query: SearchQuery; facets: Facets }) {
  const { from, to } = query;
  const chosen = FACETS.flatMap(({ name, says }) => {
    const value = query[name];
    if (!value) return [];
    const known = facets[name].find((facet) => facet.slug === value);
    return [
      { says: says(known?.name ?? value), without: changeSearch(query, { [name]: undefined }) },
    ];
  });
  if (from) {
    chosen.push({ says: `since ${from}`, without: changeSearch(query, { from: undefined }) });
  }
  if (to) chosen.push({ says: `until ${to}`, without: changeSearch(query, { to: undefined }) });
  if (chosen.length === 0) return null;
  return (
    <ul className="chosen" aria-label="Narrowed to">
      {chosen.map(({ says, without }) => (
        <li key={says}>
          Only {says} <a href={searchPath(without)}>all again</a>
        </li>
      ))}
    </ul>
  );
}

interface RailProps {
  query: SearchQuery;
  facets: Facets;
  total: number;
}

/** What the search can be narrowed by, and how it can be kept. */
export function Rail({ query, facets, total }: RailProps) {
  const alert = searchAlertQuery(query);
  return (
    <>
      {FACETS.map(({ name, title }) => (
        <Narrow
          key={name}
          title={title}
          name={name}
          query={query}
          // A value that every result has would leave them all.
          facets={facets[name].filter(({ posts }) => query[name] || posts < total)}
        />
      ))}
      <section>
        <h2>Date</h2>
        <DateForm query={query} />
      </section>
      <section>
        <h2>Keep this search</h2>
        <p className="row">
          {alert === undefined ? null : <a href={alertPath(alert)}>By mail</a>}
          <a href={searchFeedPath(query, 'xml')}>RSS</a>
          <a href={searchFeedPath(query, 'atom')}>Atom</a>
          <a href={searchFeedPath(query, 'json')}>JSON Feed</a>
        </p>
      </section>
    </>
  );
}

interface NarrowProps {
  title: string;
  name: FacetName;
  query: SearchQuery;
  facets: Facet[];
}

function Narrow({ title, name, query, facets }: NarrowProps) {
  if (facets.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul className="plain">
        {facets.map((facet) => (
          <li key={facet.slug}>
            <a
              className={name === 'tag' ? 't' : undefined}
              style={name === 'tag' ? hueStyle(facet.slug) : undefined}
              href={searchPath(changeSearch(query, { [name]: facet.slug }))}
              aria-current={query[name] === facet.slug ? 'true' : undefined}
              rel="nofollow"
            >
              {facet.name}
            </a>
            <span className="n">{writeNumber(facet.posts)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
