import { notFound } from 'next/navigation';

/**
 * A slug of an address as the database has it: Next gives parameters as they were sent. The
 * placeholder of generateStaticParams and an address that is no text are nobody's.
 */
export function decodeSlug(parameter: string): string {
  if (parameter === '-') notFound();
  try {
    return decodeURIComponent(parameter).normalize('NFC');
  } catch {
    notFound();
  }
}
