/**
 * Something went wrong that the person at the terminal or the operator can do something about.
 * The message says what happened and why; `next` says what to do. Anything else that is thrown
 * is a broken assumption and keeps its stack.
 */
export class TagwireError extends Error {
  readonly next: string | undefined;

  constructor(message: string, next?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TagwireError';
    this.next = next;
  }
}

/** The message of anything thrown, in one line, never empty. */
export function messageOf(error: unknown): string {
  const text =
    error instanceof AggregateError && error.message === ''
      ? error.errors.map(messageOf).join('; ')
      : error instanceof Error
        ? error.message || error.name
        : String(error);
  return text.replace(/\s+/gu, ' ').trim();
}

/** For the `default` of a switch over a union: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
