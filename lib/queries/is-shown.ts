/**
 * Whether the post of a row is shown: an index of a list has withdrawn ones too. A time as a scalar
 * cannot be turned into a join, which would read more than the page.
 * @param id the column of the post's id.
 */
export const isShown = (id: string) =>
  `(SELECT shown.withdrawn_at FROM posts shown WHERE shown.id = ${id}) IS NULL`;
