// @ts-check
// The page of what is muted: shows, adds and removes it, and carries it to another browser as a file
// or an address.

import {
  fromFragment,
  joinMuted,
  KINDS,
  mute,
  mutedOf,
  readMuted,
  sizeOf,
  toFragment,
  writeMuted,
} from './muted.js';

/** @typedef {import('./muted.js').Kind} Kind */
/** @typedef {import('./muted.js').Muted} Muted */

/** Far more than 500 entries of each kind come to. */
const FILE_BYTES_MAX = 1_000_000;

/** @param {string} selector */
const at = (selector) => {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return element;
};

/** @param {string} text */
const say = (text) => {
  at('#mute-said').textContent = text;
};

function show() {
  const muted = readMuted();
  for (const kind of /** @type {Kind[]} */ (Object.keys(KINDS))) {
    const items = muted[kind].map((entry) => {
      const item = document.createElement('li');
      const button = document.createElement('button');
      button.textContent = 'Remove';
      button.setAttribute('aria-label', `Remove ${entry}`);
      button.addEventListener('click', () => {
        say(mute(kind, entry, false) ?? `${entry} is not muted any more.`);
        const rest = at(`#mute-${kind}`);
        (rest.hidden ? at('#mute-text') : rest).focus();
      });
      item.append(`${entry} `, button);
      return item;
    });
    at(`#mute-${kind} ul`).replaceChildren(...items);
    at(`#mute-${kind}`).hidden = items.length === 0;
  }
  const isNothing = sizeOf(muted) === 0;
  at('#mute-nothing').hidden = !isNothing;
  at('#mute-carry').hidden = isNothing;
  /** @type {HTMLInputElement} */ (at('#mute-address')).value =
    `${location.origin}/mute#${toFragment(muted)}`;
}

/** What an address brings is added only when the reader says so: anybody can make one. */
function offer() {
  const offered = fromFragment(location.hash);
  const box = at('#mute-offered');
  box.hidden = sizeOf(offered) === 0;
  const items = /** @type {[Kind, string][]} */ (Object.entries(KINDS)).flatMap(([kind, name]) =>
    offered[kind].map((entry) => {
      const item = document.createElement('li');
      item.textContent = `${name}: ${entry}`;
      return item;
    }),
  );
  at('#mute-offered ul').replaceChildren(...items);
}

/** @param {Muted} more @param {string} from */
function add(more, from) {
  const before = sizeOf(readMuted());
  const hindrance = writeMuted(joinMuted(readMuted(), more));
  say(hindrance ?? `${sizeOf(readMuted()) - before} added from ${from}.`);
}

/** @param {File} file */
async function read(file) {
  if (file.size > FILE_BYTES_MAX)
    return say(`${file.name} is too large to be a list of what is muted.`);
  let value;
  try {
    value = JSON.parse(await file.text());
  } catch (error) {
    return say(
      error instanceof SyntaxError
        ? `${file.name} is no JSON. A file saved on this page is.`
        : `${file.name} could not be read: choose it again.`,
    );
  }
  const more = mutedOf(value);
  if (sizeOf(more) === 0) return say(`${file.name} names nothing to mute.`);
  add(more, file.name);
}

function save() {
  const blob = new Blob([JSON.stringify(readMuted(), null, 2)], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = 'muted.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

at('#mute-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const kind = /** @type {Kind} */ (/** @type {HTMLSelectElement} */ (at('#mute-kind')).value);
  const field = /** @type {HTMLInputElement} */ (at('#mute-text'));
  const hindrance = mute(kind, field.value, true);
  say(hindrance ?? `Muted ${field.value}.`);
  if (hindrance === undefined) field.value = '';
});
at('#mute-save').addEventListener('click', save);
at('#mute-file').addEventListener('change', ({ target }) => {
  const field = /** @type {HTMLInputElement} */ (target);
  const [file] = field.files ?? [];
  if (file)
    read(file).finally(() => {
      field.value = '';
    });
});
at('#mute-accept').addEventListener('click', () => {
  add(fromFragment(location.hash), 'the address');
  history.replaceState(null, '', location.pathname);
  offer();
});
at('#mute-refuse').addEventListener('click', () => {
  history.replaceState(null, '', location.pathname);
  offer();
});
at('#mute-address').addEventListener('focus', ({ target }) => {
  /** @type {HTMLInputElement} */ (target).select();
});
addEventListener('muted', show);
addEventListener('storage', show);
addEventListener('hashchange', offer);
show();
offer();
