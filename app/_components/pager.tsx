interface PagerProps {
  page: number;
  pages: number;
  pathOf: (page: number) => string;
}

/** The way through an index of several pages; nothing for one. */
export function Pager({ page, pages, pathOf }: PagerProps) {
  if (pages <= 1) return null;
  return (
    <nav className="pager" aria-label="Pages">
      {page === 1 ? (
        <span />
      ) : (
        <a href={pathOf(page - 1)} rel="prev">
          Page {page - 1}
        </a>
      )}
      <span className="q">
        Page {page} of {pages}
      </span>
      {page === pages ? (
        <span />
      ) : (
        <a href={pathOf(page + 1)} rel="next">
          Page {page + 1}
        </a>
      )}
    </nav>
  );
}
