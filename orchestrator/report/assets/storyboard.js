// The page is whole without this script. It shows the drawings, plays one under the pointer, and all of them in order.
(() => {
  'use strict';
  const byId = id => document.getElementById(id);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const frames = [...document.querySelectorAll('a.frame')];
  const titleOf = frame => frame.closest('.board').querySelector('h2').textContent;

  function load(frame) {
    if (frame.querySelector('video')) return;
    watcher.unobserve(frame);
    const video = document.createElement('video');
    video.muted = video.loop = video.playsInline = true;
    video.preload = 'metadata';
    video.tabIndex = -1;
    video.src = frame.href;
    frame.prepend(video);
  }
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries)
      if (entry.isIntersecting) load(entry.target);
  }, {rootMargin: '600px'});
  function play(frame) {
    if (still.matches) return;
    load(frame);
    frame.querySelector('video').play().catch(() => {});  // left again before it began
  }
  function rest(frame) {
    const video = frame.querySelector('video');
    if (!video) return;
    video.pause();
    video.currentTime = 0;
  }

  const theatre = byId('theatre'), screen = byId('theatre-video');
  let at = 0, through = false;
  function show(number) {
    at = number;
    screen.src = frames[at].href;
    byId('theatre-title').textContent = titleOf(frames[at]);
    byId('theatre-place').textContent = `${at + 1} of ${frames.length}`;
    if (!theatre.open) theatre.showModal();
    screen.play().catch(() => {});
  }
  const step = by => show((at + by + frames.length) % frames.length);
  screen.addEventListener('ended', () => { if (through && at + 1 < frames.length) step(1); });
  theatre.addEventListener('keydown', event => {
    if (event.target === screen) return;  // there the arrows seek
    if (event.key === 'ArrowRight') step(1);
    if (event.key === 'ArrowLeft') step(-1);
  });
  theatre.addEventListener('click', event => { if (event.target === theatre) theatre.close(); });
  theatre.addEventListener('close', () => { screen.pause(); screen.removeAttribute('src'); });
  byId('theatre-close').addEventListener('click', () => theatre.close());
  byId('play-all').hidden = frames.length === 0;
  byId('play-all').addEventListener('click', () => { through = true; show(0); });

  for (const [number, frame] of frames.entries()) {
    watcher.observe(frame);
    frame.addEventListener('pointerenter', event => { if (event.pointerType !== 'touch') play(frame); });
    frame.addEventListener('pointerleave', () => rest(frame));
    frame.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // the file in a tab of its own
      event.preventDefault();
      through = false;
      show(number);
    });
  }
})();
