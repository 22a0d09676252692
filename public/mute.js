// @ts-check
// Takes posts out of lists that the reader has muted, says how many, and offers to mute more. Nothing
// of it leaves this browser.

import { make } from './elements.js';
import { followMovedTags, mute, muteRule, plainPath, readMuted, sizeOf } from './muted.js';

/** @typedef {import('./muted.js').Kind} Kind */

const POSTS = 'main [data-source]';
/** What a post says itself: not its buttons, and not what every post says. */
const WORDS = 'h2, h3, .ttl, .body';
let isShown = false;
/** @type {HTMLElement | undefined} */
let note;

/** Hides what is muted, shows what is not any more, and says so at the list's end. */
function apply() {
  const muted = readMuted();
  const isMuted = muteRule(muted, plainPath(location.pathname));
  const posts = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(POSTS)]);
  const found =
    sizeOf(muted) === 0
      ? []
      : posts.filter((post) =>
          isMuted({
            tags: (post.dataset.tags ?? '').split(' '),
            source: post.dataset.source ?? '',
            text: () => [...post.querySelectorAll(WORDS)].map((part) => part.textContent).join(' '),
          }),
        );
  for (const post of posts) post.hidden = !isShown && found.includes(post);
  for (const day of document.querySelectorAll('main :is(.day, .dated)')) {
    const rows = [...day.querySelectorAll('[data-source]')];
    /** @type {HTMLElement} */ (day).hidden =
      rows.length > 0 && rows.every((row) => /** @type {HTMLElement} */ (row).hidden);
  }
  tell(found.length, posts.at(-1));
  for (const button of document.querySelectorAll('button[name=mute-list]')) {
    const { value, dataset } = /** @type {HTMLButtonElement} */ (button);
    const isOn = muted[/** @type {Kind} */ (dataset.kind)].includes(value);
    button.textContent = isOn ? 'Muted in other lists. Undo' : (dataset.label ?? '');
  }
  document.documentElement.classList.remove('muting');
}

/** @param {number} count @param {HTMLElement | undefined} last post of the list */
function tell(count, last) {
  note?.remove();
  note = undefined;
  if (count === 0 || last === undefined) return;
  const button = make('button', { type: 'button' }, isShown ? 'Hide' : 'Show');
  button.addEventListener('click', () => {
    isShown = !isShown;
    apply();
    note?.querySelector('button')?.focus();
  });
  const posts = count === 1 ? '1 post' : `${count} posts`;
  note = make(
    'p',
    { className: 'muted-note' },
    `${posts} muted here. `,
    button,
    ' ',
    make('a', { href: '/mute' }, 'What is muted'),
  );
  (last.closest('.day, .dated') ?? last).after(note);
}

/**
 * A box that mutes one thing.
 * @param {{ kind: Kind, entry: string, label: string, said: HTMLElement }} wanted `said` tells what
 *   hindered it
 */
function choice({ kind, entry, label, said }) {
  const box = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox' }));
  const isOn = () => readMuted()[kind].includes(entry);
  box.checked = isOn();
  box.addEventListener('change', () => {
    said.textContent = mute(kind, entry, box.checked) ?? '';
    box.checked = isOn();
  });
  return make('label', {}, box, label);
}

/**
 * Asks what of a post is to be muted.
 * @param {HTMLElement} post
 */
function ask(post) {
  const { source = '', tags = '' } = post.dataset;
  /** @param {string} path @param {string} slug */
  const nameOf = (path, slug) =>
    [...post.querySelectorAll(`a[href^="/${path}/"]`)].find(
      (link) => plainPath(link.getAttribute('href') ?? '') === `/${path}/${slug}`,
    )?.textContent ?? slug;
  const word = /** @type {HTMLInputElement} */ (
    make('input', { id: 'mute-word', maxLength: 100, autocomplete: 'off' })
  );
  const said = make('p', { className: 'help' });
  said.setAttribute('role', 'status');
  const form = make(
    'form',
    { method: 'dialog' },
    make('label', { htmlFor: 'mute-word' }, 'Posts with the words'),
    word,
    said,
    make(
      'p',
      { className: 'help' },
      'In this browser alone. ',
      make('a', { href: '/mute' }, 'All that is muted'),
    ),
    make('button', { className: 'btn two' }, 'Done'),
  );
  const dialog = /** @type {HTMLDialogElement} */ (
    make(
      'dialog',
      { className: 'keys' },
      make('h2', { id: 'mute-title' }, 'Mute posts like this'),
      make(
        'div',
        { className: 'boxes' },
        choice({
          kind: 'sources',
          entry: source,
          label: `From ${nameOf('source', source)}`,
          said,
        }),
        ...tags
          .split(' ')
          .filter((tag) => tag !== '')
          .map((tag) =>
            choice({ kind: 'tags', entry: tag, label: `Tagged ${nameOf('tag', tag)}`, said }),
          ),
      ),
      form,
    )
  );
  dialog.setAttribute('aria-labelledby', 'mute-title');
  form.addEventListener('submit', (event) => {
    const hindrance = word.value.trim() === '' ? undefined : mute('words', word.value, true);
    if (hindrance === undefined) return;
    event.preventDefault();
    said.textContent = hindrance;
  });
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.addEventListener('close', () => {
    dialog.remove();
    // What had the focus may be gone now.
    if (before?.checkVisibility()) before.focus();
    else note?.querySelector('button')?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

apply();
followMovedTags();
addEventListener('muted', apply);
addEventListener('storage', apply);
addEventListener('renewed', apply);
addEventListener('mute-post', (event) => ask(/** @type {CustomEvent} */ (event).detail));
addEventListener('click', ({ target }) => {
  const button = /** @type {Element} */ (target).closest?.('button[name^=mute]');
  if (!(button instanceof HTMLButtonElement)) return;
  const post = button.closest('[data-source]');
  if (button.name === 'mute-post' && post) ask(/** @type {HTMLElement} */ (post));
  if (button.name === 'mute-list') {
    const kind = /** @type {Kind} */ (button.dataset.kind);
    const hindrance = mute(kind, button.value, !readMuted()[kind].includes(button.value));
    if (hindrance !== undefined) button.textContent = hindrance;
  }
});
