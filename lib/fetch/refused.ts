import type { FetchErrorKind } from '../model/feed.ts';

/** We break a fetch off, and why; becomes a value before anybody else sees it. */
export class Refused extends Error {
  readonly error: FetchErrorKind;
  constructor(error: FetchErrorKind, message: string) {
    super(message);
    this.error = error;
  }
}
