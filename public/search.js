// @ts-check
// Answers while people type on the search page: the same page is asked for, and what it found takes
// the place of what stands there. When that fails, the form works as it does without this.

const PAUSE_MS = 250;

/** @type {AbortController | undefined} */
let asked;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
const status = document.createElement('p');

/**
 * Puts what was found in place. The field that is typed in stays as it is.
 * @param {Document} found
 * @param {HTMLInputElement} field
 */
function show(found, field) {
  const [now, next] = [document, found].map((page) => page.querySelector('main'));
  if (!now || !next) return;
  const heading = next.querySelector('h1')?.textContent ?? '';
  if (now.contains(field)) {
    for (const part of ['h1', '#results']) {
      const fresh = next.querySelector(part);
      if (fresh) now.querySelector(part)?.replaceWith(fresh);
    }
  } else now.replaceWith(next);
  document.title = found.title;
  status.textContent = heading;
}

/** @param {HTMLInputElement} field */
async function search(field) {
  const { form } = field;
  if (!form) return;
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) wanted.set(name, String(value));
  const address = `/search?${wanted}`;
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(address, { signal: asked.signal });
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html');
    show(found, field);
    history.replaceState(null, '', address);
  } catch {
    // Another letter came, or the network went: Enter sends the form.
  }
}

if (location.pathname === '/search' && document.querySelector('#results')) {
  status.className = 'vh';
  status.setAttribute('role', 'status');
  document.body.append(status);
  addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'q') return;
    clearTimeout(timer);
    if (target.value.trim() === '') return;
    timer = setTimeout(() => search(target), PAUSE_MS);
  });
}
