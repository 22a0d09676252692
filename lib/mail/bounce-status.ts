/**
 * Enhanced status codes (RFC 3463) by which there is no such mailbox, now or later: a bad address
 * (but not one of the sender, 5.1.7 and 5.1.8), a mailbox that was closed, a domain that leads
 * nowhere. A mailbox that is full, a mail that is too large or looks like spam is another thing.
 */
const NO_MAILBOX = /(?<![\d.])5\.(1\.(0|1|2|3|4|6|10)|2\.1|4\.4)(?![\d.])/u;

/** Whether what a mail server says means that its recipient has no mailbox there, for good. */
export const saysNoMailbox = (status: string): boolean => NO_MAILBOX.test(status);
