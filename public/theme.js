// Sets the reader's theme before the first paint; without a choice the system's is taken.
// The choice stays in this browser. In the page's head, as a file: the policy allows no inline.
(() => {
  const root = document.documentElement;
  const show = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  try {
    show(localStorage.theme);
  } catch {
    // Storage is switched off: the system's theme it is.
  }
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
