import type { FetchErrorKind } from '../model/feed.ts';

/** Thrown inside a request, and told as a failure of this kind by whoever asked. */
export class Refused extends Error {
  readonly error: FetchErrorKind;
  constructor(error: FetchErrorKind, message: string) {
    super(message);
    this.error = error;
  }
}
