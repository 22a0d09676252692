import { notFound } from 'next/navigation';

/**
 * A slug of an address as the database has it: Next gives parameters as they were sent. An address
 * that is no text is nobody's.
 */
export function decodeSlug(parameter: string): string {
  try {
    return decodeURIComponent(parameter).normalize('NFC');
  } catch {
    notFound();
  }
}
