import localFont from 'next/font/local';

// One that is not there at the first paint waits for the next page: nothing moves when it arrives.
// next/font gives the fallbacks its metrics, where a machine has the fonts that they are made of.
// The upright serif and the interface's font are wanted at once; the others load when used.

const serif = localFont({
  src: '../../public/fonts/source-serif-4.woff2',
  weight: '340 700',
  variable: '--font-serif',
  display: 'optional',
  adjustFontFallback: 'Times New Roman',
});
const serifItalic = localFont({
  src: '../../public/fonts/source-serif-4-italic.woff2',
  weight: '340 700',
  style: 'italic',
  variable: '--font-serif-italic',
  display: 'optional',
  preload: false,
});
const sans = localFont({
  src: '../../public/fonts/inter.woff2',
  weight: '400 650',
  variable: '--font-sans',
  display: 'optional',
  adjustFontFallback: 'Arial',
});
const mono = localFont({
  src: '../../public/fonts/jetbrains-mono.woff2',
  weight: '360 600',
  variable: '--font-mono',
  display: 'optional',
  preload: false,
  adjustFontFallback: false,
});

/** Classes for <html> that define the fonts' variables. */
export const fontClasses = [serif, serifItalic, sans, mono].map((font) => font.variable).join(' ');
