/** What was looked at and how it is. */
export interface Finding {
  part: 'database' | 'search' | 'site' | 'worker' | 'mail' | 'bounces' | 'notices';
  /** `warn`: it works, but not as it should for readers; `fail`: it does not. */
  state: 'ok' | 'warn' | 'fail';
  /** What is so and why, on one line. */
  says: string;
  /** What to do about it; none when it is well. */
  next?: string;
}
