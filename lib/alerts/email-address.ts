import { domainToASCII } from 'node:url';
import { z } from 'zod';

/** RFC 5321, 4.5.3.1.3: a path is at most 256 octets, with its brackets. */
const ADDRESS_CHARACTERS_MAX = 254;
/** A domain may be longer in its own letters than in ASCII; nobody has one of so many. */
const TYPED_CHARACTERS_MAX = 1000;
const ADDRESS = z.email().max(ADDRESS_CHARACTERS_MAX);

export interface EmailAddress {
  /** To send to: as typed, its domain in ASCII. */
  email: string;
  /** Folded, so that one mailbox is one subscriber. */
  emailKey: string;
}

/** Reads what somebody typed as their address; undefined when it is none. */
export function readEmailAddress(text: string): EmailAddress | undefined {
  const trimmed = text.trim();
  if (trimmed.length > TYPED_CHARACTERS_MAX) return undefined;
  const at = trimmed.lastIndexOf('@');
  const domain = domainToASCII(trimmed.slice(at + 1));
  const email = `${trimmed.slice(0, at)}@${domain}`;
  if (at < 1 || !ADDRESS.safeParse(email).success) return undefined;
  return { email, emailKey: email.toLowerCase() };
}
