// @ts-check
// Keys for reading without a mouse: j and k go through the posts of a list, o opens the original,
// / searches, h goes home, ? lists them. They stay out of fields and of the browser's own keys, and
// can be switched off (WCAG 2.1.4: speech input may type them by chance). In this browser alone.

import { make } from './elements.js';

const KEYS = [
  ['j', 'Next post'],
  ['k', 'Post before'],
  ['Enter', 'Read the post'],
  ['o', 'Open its original'],
  ['m', 'Mute posts like it'],
  ['/', 'Search'],
  ['h', 'Newest posts'],
  ['?', 'This list'],
];
const TITLES = 'main .post > :is(h2, h3) > a, main .rows .ttl';

let areOff = false;
try {
  areOff = localStorage.keys === 'off';
} catch {
  // Storage is switched off: the keys are on.
}
/** @type {HTMLDialogElement | undefined} */
let dialog;

/** @param {number} step 1 for the next post, -1 for the one before */
function go(step) {
  const titles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(TITLES)]);
  const at = titles.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  // Without a post in focus, it goes on from what is in view.
  const inView = titles.findIndex((title) => title.getBoundingClientRect().top >= 0);
  const from = inView < 0 ? titles.length : inView;
  const title = titles[at < 0 ? (step > 0 ? from : from - 1) : at + step];
  if (!title) return;
  title.focus({ preventScroll: true });
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  title.scrollIntoView({ block: 'center', behavior: isStill ? 'instant' : 'smooth' });
}

/** Opens the original of the post in focus, on a post's own page that of the post. */
function openOriginal() {
  const post = document.activeElement?.closest('.post');
  const url = /** @type {HTMLAnchorElement | null} */ (
    post
      ? post.querySelector('.by .url')
      : document.querySelector(TITLES)
        ? null
        : document.querySelector('main .by .url')
  );
  url?.click();
}

function search() {
  // The page's own field before that of the head, which narrow windows do not show.
  const field = ['main', '.top']
    .map(
      (place) =>
        /** @type {HTMLInputElement | null} */ (document.querySelector(`${place} input[name=q]`)),
    )
    .find((one) => one?.checkVisibility());
  if (!field) return location.assign('/search');
  field.focus();
  field.select();
}

function makeDialog() {
  const list = make('dl');
  for (const [key = '', does = ''] of KEYS) {
    list.append(make('div', {}, make('dt', {}, make('kbd', {}, key)), make('dd', {}, does)));
  }
  const on = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox' }));
  on.checked = !areOff;
  on.addEventListener('change', () => {
    areOff = !on.checked;
    try {
      localStorage.keys = areOff ? 'off' : 'on';
    } catch {
      // It holds for this page only.
    }
  });
  const made = make(
    'dialog',
    { className: 'keys' },
    make('h2', { id: 'keys-title' }, 'Keys'),
    list,
    make('label', {}, on, ' Single keys do this'),
    make(
      'form',
      { method: 'dialog' },
      make('button', { className: 'btn two', autofocus: true }, 'Close'),
    ),
  );
  made.setAttribute('aria-labelledby', 'keys-title');
  document.body.append(made);
  return /** @type {HTMLDialogElement} */ (made);
}

function listKeys() {
  dialog ??= makeDialog();
  dialog.showModal();
}

/** @type {Record<string, () => void>} */
const does = {
  j: () => go(1),
  k: () => go(-1),
  o: openOriginal,
  m: () => {
    const post = document.activeElement?.closest('[data-source]');
    if (post) dispatchEvent(new CustomEvent('mute-post', { detail: post }));
  },
  '/': search,
  h: () => location.assign('/'),
  '?': listKeys,
};

addEventListener('keydown', (event) => {
  if (
    areOff ||
    document.querySelector('dialog[open]') ||
    event.defaultPrevented ||
    event.isComposing
  )
    return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.isContentEditable || target.matches('input, textarea, select, iframe')) return;
  if (!Object.hasOwn(does, event.key)) return;
  event.preventDefault(); // Firefox has a search of its own on /.
  does[event.key]?.();
});
addEventListener('click', ({ target }) => {
  if (/** @type {Element} */ (target).closest('button[name=keys]')) listKeys();
});
