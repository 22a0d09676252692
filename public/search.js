// @ts-check
// Answers while people type on the search page: the same page is asked for, and what it found takes
// the place of what stands there. When that fails, the form works as it does without this.

const PAUSE_MS = 250;
/** In the page's main part; shown on narrow windows, whose head has no field. */
const FORM = 'form[role=search]';

/** @type {AbortController | undefined} */
let asked;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
const status = document.createElement('p');

/**
 * Puts `next` in the place of `now`, all but the form that is typed in: that stays as it is, with
 * its caret, and what stands around it is renewed.
 * @param {Element} now
 * @param {Element} next
 * @param {HTMLFormElement} form
 */
function renew(now, next, form) {
  if (now === form) return;
  const kept = [...now.children].find((child) => child.contains(form));
  const itsNext = [...next.children].find(
    (child) => child.matches(FORM) || child.querySelector(FORM),
  );
  if (!kept || !itsNext) return now.replaceWith(next);
  for (const child of [...now.childNodes]) if (child !== kept) child.remove();
  const parts = [...next.childNodes];
  const place = parts.indexOf(itsNext);
  kept.before(...parts.slice(0, place));
  kept.after(...parts.slice(place + 1));
  renew(kept, itsNext, form);
}

/**
 * Puts what was found in place.
 * @param {Document} found
 * @param {HTMLFormElement} form the one that is typed in
 */
function show(found, form) {
  const [now, next] = [document, found].map((page) => page.querySelector('main'));
  if (!now || !next) return;
  const [rail, nextRail] = [now, next].map((main) => main.querySelector('details'));
  if (rail && nextRail) nextRail.open = rail.open;
  const heading = next.querySelector('h1')?.textContent ?? '';
  renew(now, next, form);
  dispatchEvent(new Event('renewed'));
  document.title = found.title;
  status.textContent = heading;
}

/**
 * The page at an address; undefined when another letter came, when the network went, or when the
 * site has no answer: Enter sends the form.
 * @param {string} address
 * @param {AbortSignal} signal
 */
async function read(address, signal) {
  try {
    const answer = await fetch(address, { signal });
    return answer.ok ? await answer.text() : undefined;
  } catch (error) {
    // fetch has a TypeError for all that can go wrong on the way (Fetch Standard, 5.6).
    const isOurs = error instanceof DOMException && error.name === 'AbortError';
    if (isOurs || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** @param {HTMLFormElement} form */
async function search(form) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) wanted.set(name, String(value));
  const address = `/search?${wanted}`;
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const text = await read(address, signal);
  if (text === undefined || signal.aborted) return;
  show(new DOMParser().parseFromString(text, 'text/html'), form);
  history.replaceState(null, '', address);
}

if (location.pathname === '/search') {
  status.className = 'vh';
  status.setAttribute('role', 'status');
  document.body.append(status);
  addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'q') return;
    clearTimeout(timer);
    const { form } = target;
    if (!form || target.value.trim() === '') return;
    timer = setTimeout(() => search(form), PAUSE_MS);
  });
}
