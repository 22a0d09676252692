import { expect, test } from 'vitest';
import { fitFormulas } from '../../app/_components/post-math.ts';

test('a formula in a line stays in it, one with a line of its own can be scrolled', () => {
  const line = '<p>a <math><mi>x</mi></math> b</p>';
  expect(fitFormulas(line)).toBe(line);
  expect(fitFormulas('<p><math display="block"><mi>x</mi></math></p>')).toBe(
    '<p><span class="formula" tabindex="0" role="group" aria-label="Formula">' +
      '<math display="block"><mi>x</mi></math></span></p>',
  );
});

test('a formula in a line that is wider than a telephone can be scrolled there', () => {
  const sum = (terms: number) => `<math>${'<mo>+</mo><mi>&amp;</mi>'.repeat(terms)}</math>`;
  expect(fitFormulas(sum(12))).toBe(sum(12));
  expect(fitFormulas(`${sum(13)} and ${sum(1)}`)).toBe(
    '<span class="formula in-line" tabindex="0" role="group" aria-label="Formula">' +
      `${sum(13)}</span> and ${sum(1)}`,
  );
});
