// What must be so before the first paint. In the page's head, as a file: the policy allows no inline.
(() => {
  const root = document.documentElement;
  const show = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  try {
    // The reader's theme; without a choice the system's is taken.
    show(localStorage.theme);
    // Lists wait until what the reader has muted is taken out (mute.js), at most until all is there.
    root.classList.toggle('muting', Boolean(localStorage.muted));
  } catch {
    // Storage is switched off: the system's theme it is, and nothing is muted.
  }
  addEventListener('load', () => root.classList.remove('muting'));
  // A picture that does not come leaves its words, in the room that was left for it, so that nothing
  // moves; a video without a picture is a link.
  const lose = (picture) => {
    if (picture.closest('.embed')) return picture.remove();
    const { width, height } = picture.getBoundingClientRect();
    const hasRoom = height > 48;
    if (!hasRoom && !picture.alt) return;
    const words = document.createElement('span');
    words.className = hasRoom ? 'no-picture room' : 'no-picture';
    words.textContent = picture.alt ? `Picture: ${picture.alt}` : 'This picture does not load.';
    if (hasRoom) Object.assign(words.style, { width: `${width}px`, height: `${height}px` });
    picture.replaceWith(words);
  };
  addEventListener('error', ({ target }) => target.matches?.('.body img') && lose(target), true);
  addEventListener('click', (event) => {
    const button = event.target.closest?.('button[name=theme]');
    if (!button) return;
    show(button.value);
    try {
      localStorage.theme = button.value;
    } catch {
      // It holds for this page only.
    }
  });
})();
