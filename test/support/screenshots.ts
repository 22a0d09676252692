import fs from 'node:fs';
import path from 'node:path';
import { launchBrowser } from './browser.ts';

// node test/support/screenshots.ts BASE_URL FOLDER [PATH...]
// Takes each page at two widths in both themes, for people to look at.

const [baseUrl = 'http://127.0.0.1:4000', folder = 'test-results/screenshots', ...given] =
  process.argv.slice(2);
const PATHS =
  given.length > 0 ? given : ['/', '/tags', '/sources', '/search?q=postgres', '/alerts'];
const WIDTHS = [390, 1280];
const HEIGHT = 900;

fs.mkdirSync(folder, { recursive: true });
const browser = await launchBrowser();
for (const width of WIDTHS) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
    for (const address of PATHS) {
      await page.goto(new URL(address, baseUrl).href, { waitUntil: 'networkidle' });
      const name = address.replace(/[^a-z0-9]+/giu, '-').replace(/^-|-$/gu, '') || 'home';
      const file = path.join(folder, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      process.stderr.write(`${file}\n`);
    }
    await page.close();
  }
}
await browser.close();
