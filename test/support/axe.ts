import fs from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Less than half of what the package gives as its source, for every page to read. */
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

declare global {
  interface Window {
    axe?: typeof axe;
  }
}

/**
 * What is wrong with a page as it stands, a line each. axe comes into it once, past its policy, and
 * stays.
 * @param options.rules of axe; all by default. @param options.within a part of the page.
 */
export async function findBarriers(
  page: Page,
  { rules, within }: { rules?: string[] | undefined; within?: string } = {},
): Promise<string[]> {
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(AXE);
  return await page.evaluate(
    async ({ asked, part }) => {
      const root = part === undefined ? document : document.querySelector(part);
      if (window.axe === undefined || root === null) throw new Error(`there is no ${part}`);
      const { violations } = await window.axe.run(root, {
        resultTypes: ['violations'],
        preload: false, // of media and style sheets: nothing here plays by itself
        // WCAG 2.2, 2.5.8 is not among what axe looks for by itself.
        rules: { 'target-size': { enabled: true } },
        ...(asked === undefined ? {} : { runOnly: { type: 'rule', values: asked } }),
      });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target}: ${failureSummary}`),
      );
    },
    { asked: rules, part: within },
  );
}
