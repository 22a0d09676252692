import { notFound } from 'next/navigation';

/**
 * A slug of an address as the database has it: Next gives parameters as they were sent. Undefined
 * for what is no text.
 */
export function readSlug(parameter: string): string | undefined {
  try {
    return decodeURIComponent(parameter).normalize('NFC');
  } catch {
    return undefined;
  }
}

/** The same for pages: an address that is no text is nobody's. */
export const decodeSlug = (parameter: string): string => readSlug(parameter) ?? notFound();
