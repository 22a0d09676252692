/** Our curated label: address and name. */
export interface TagName {
  slug: string;
  name: string;
}

/** Posts of one month, `month` as YYYY-MM. */
export interface MonthCount {
  month: string;
  posts: number;
}

/** What the head of a tag archive says. */
export interface TagSummary extends TagName {
  posts: number;
  sources: number;
  /** ISO 8601; null for a tag without posts. */
  firstAt: string | null;
  lastAt: string | null;
  /** Oldest first, months without posts left out. */
  months: MonthCount[];
  related: (TagName & { posts: number })[];
  topSources: { slug: string; title: string; posts: number }[];
}
