import fs from 'node:fs';
import path from 'node:path';
import { provideSettings } from '../../lib/config.ts';
import { launchBrowser } from './browser.ts';
import { everyMail } from './every-mail.ts';
import { HOSTILE, ORDINARY } from './mail-content.ts';

// node test/support/mail-screenshots.ts FOLDER [CONTENT]
// Takes every kind of mail at two widths in both themes, and its text, for people to look at.
// CONTENT is the name of a hostile one in mail-content.ts.

const [folder = 'test-results/mails', name = ''] = process.argv.slice(2);
const WIDTHS = [390, 800];
const HEIGHT = 900;

provideSettings({ SITE_URL: 'https://news.example', SITE_TITLE: 'Tagwire' });
fs.mkdirSync(folder, { recursive: true });
const mails = everyMail(HOSTILE[name] ?? ORDINARY);
const browser = await launchBrowser();
for (const [kind, mail] of mails) {
  fs.writeFileSync(path.join(folder, `${kind}.txt`), `${mail.subject}\n\n${mail.text}`);
}
for (const width of WIDTHS) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
    for (const [kind, mail] of mails) {
      await page.setContent(mail.html);
      const across = await page.evaluate(() => document.documentElement.scrollWidth);
      const file = path.join(folder, `${kind}-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
      process.stderr.write(`${file}${across > width ? `: ${across} px wide` : ''}\n`);
    }
    await page.close();
  }
}
await browser.close();
