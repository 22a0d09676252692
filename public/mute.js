// @ts-check
// Takes posts out of lists that the reader has muted, says how many, and offers to mute more. Nothing
// of it leaves this browser.

import { mute, muteRule, readMuted, sizeOf } from './muted.js';

/** @typedef {import('./muted.js').Kind} Kind */

const POSTS = 'main [data-source]';
let isShown = false;
/** @type {HTMLElement | undefined} */
let note;

/** @param {string} name @param {object} [props] @param {(Node | string)[]} children */
const make = (name, props = {}, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};

/** @param {string} path of an address; its percent signs may be anything */
function plainPath(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Hides what is muted, shows what is not any more, and says so at the list's end. */
function apply() {
  const muted = readMuted();
  const isMuted = muteRule(muted, plainPath(location.pathname));
  const posts = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(POSTS)]);
  const found =
    sizeOf(muted) === 0
      ? []
      : posts.filter(({ dataset, textContent }) =>
          isMuted({
            tags: (dataset.tags ?? '').split(' '),
            source: dataset.source ?? '',
            text: () => textContent ?? '',
          }),
        );
  for (const post of posts) post.hidden = !isShown && found.includes(post);
  for (const day of document.querySelectorAll('main .day')) {
    const rows = [...day.querySelectorAll('[data-source]')];
    /** @type {HTMLElement} */ (day).hidden =
      rows.length > 0 && rows.every((row) => /** @type {HTMLElement} */ (row).hidden);
  }
  tell(found.length, posts.at(-1));
  for (const button of document.querySelectorAll('button[name=mute-list]')) {
    const { value, dataset } = /** @type {HTMLButtonElement} */ (button);
    const isOn = muted[/** @type {Kind} */ (dataset.kind)].includes(value);
    button.setAttribute('aria-pressed', String(isOn));
    button.textContent = isOn ? 'Muted in other lists' : (dataset.label ?? '');
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
  (last.closest('.day') ?? last).after(note);
}

/** A box that mutes one thing. @param {Kind} kind @param {string} entry @param {string} label */
function choice(kind, entry, label) {
  const box = /** @type {HTMLInputElement} */ (make('input', { type: 'checkbox' }));
  box.checked = readMuted()[kind].includes(entry);
  box.addEventListener('change', () => mute(kind, entry, box.checked));
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
  const form = make(
    'form',
    { method: 'dialog' },
    make('label', { htmlFor: 'mute-word' }, 'Posts with the words'),
    word,
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
        choice('sources', source, `From ${nameOf('source', source)}`),
        ...tags
          .split(' ')
          .filter((tag) => tag !== '')
          .map((tag) => choice('tags', tag, `Tagged ${nameOf('tag', tag)}`)),
      ),
      form,
    )
  );
  dialog.setAttribute('aria-labelledby', 'mute-title');
  form.addEventListener(
    'submit',
    () => word.value.trim() === '' || mute('words', word.value, true),
  );
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
    const isOn = button.getAttribute('aria-pressed') === 'true';
    mute(/** @type {Kind} */ (button.dataset.kind), button.value, !isOn);
  }
});
