// Has a video begin where its picture is, when a reader asks for it: until then nobody but us is
// asked for anything. With a modifier key, and for other links, the link is followed.
(() => {
  const PLAYERS = [
    [/^https:\/\/www\.youtube\.com\/watch\?v=([\w-]+)$/, 'https://www.youtube-nocookie.com/embed/'],
    [/^https:\/\/vimeo\.com\/(\d+)$/, 'https://player.vimeo.com/video/'],
  ];
  addEventListener('click', (event) => {
    const link = event.target.closest?.('a.embed');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    for (const [address, player] of PLAYERS) {
      const id = address.exec(link.href)?.[1];
      if (!id) continue;
      event.preventDefault();
      const frame = document.createElement('iframe');
      frame.src = `${player}${id}?autoplay=1`;
      frame.title = link.textContent.trim();
      frame.className = 'player';
      frame.allow = 'autoplay; encrypted-media; fullscreen; picture-in-picture';
      frame.referrerPolicy = 'strict-origin-when-cross-origin';
      link.replaceWith(frame);
      frame.focus();
      return;
    }
  });
})();
