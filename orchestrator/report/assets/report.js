// The page is whole without this script. It groups and filters the cards, loads frames as they come into view, plays a
// clip under the pointer and shows one large. Text is only ever set as text, never parsed.
(() => {
  'use strict';
  const byId = id => document.getElementById(id);
  const grid = byId('grid');
  const still = matchMedia('(prefers-reduced-motion: reduce)');

  // ---- cards ----------------------------------------------------------------------------------------------------
  const cards = [...grid.querySelectorAll('.card')].map(element => {
    const labels = new Map();
    for (const chip of element.querySelectorAll('.chip'))
      labels.set(chip.dataset.label, chip.querySelector('bdi').textContent);
    const video = element.querySelector('video');
    if (video) element.style.setProperty('--r', video.getAttribute('width') / video.getAttribute('height'));
    return {
      element, labels, video,
      status: element.dataset.status,
      model: element.dataset.model,
      task: element.querySelector('.task').textContent,
      take: element.querySelector('.take').textContent,
      text: element.textContent.toLowerCase(),
    };
  });
  const cardOf = new Map(cards.map(card => [card.element, card]));
  let visible = cards;

  // ---- groups -----------------------------------------------------------------------------------------------------
  const group = byId('group');
  const labelNames = [...new Set(cards.flatMap(card => [...card.labels.keys()]))];
  for (const name of labelNames) group.append(new Option(name, 'label:' + name));
  group.append(new Option('model', 'model'), new Option('status', 'status'));

  const isWorthwhile = name => new Set(cards.map(card => card.labels.get(name))).size > 1;
  const first = labelNames.find(isWorthwhile);
  if (first !== undefined) group.value = 'label:' + first;

  function groupOf(card) {
    if (group.value === '') return '';
    if (group.value === 'model') return card.model || 'no model';
    if (group.value === 'status') return card.element.querySelector('.status').textContent;
    return card.labels.get(group.value.slice('label:'.length)) ?? 'without this label';
  }

  function rowsOf(members) {
    const rows = [];
    for (const [name, some] of [['row', members.filter(card => card.video)], ['row slips', members.filter(card => !card.video)]]) {
      if (some.length === 0) continue;
      const row = document.createElement('div');
      row.className = name;
      row.append(...some.map(card => card.element));
      rows.push(row);
    }
    return rows;
  }

  function headOf(name, count) {
    const head = document.createElement('h3');
    head.className = 'group-head';
    const words = document.createElement('bdi');
    words.textContent = name;
    const number = document.createElement('small');
    number.textContent = count === 1 ? '1 clip' : count + ' clips';
    head.append(words, number);
    return head;
  }

  // ---- filter -----------------------------------------------------------------------------------------------------
  const find = byId('find'), status = byId('status');

  function matches(card) {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    return (!status.value || card.status === status.value) && words.every(word => card.text.includes(word));
  }

  function show() {
    visible = cards.filter(matches);
    const groups = new Map();
    for (const card of visible) {
      const name = groupOf(card);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(card);
    }
    const parts = [];
    for (const [name, members] of groups) {
      if (name !== '') parts.push(headOf(name, members.length));
      parts.push(...rowsOf(members));
    }
    grid.replaceChildren(...parts);
    visible = [...grid.querySelectorAll('.card')].map(element => cardOf.get(element));  // as seen: "next clip" goes by it
    byId('shown').textContent = visible.length === cards.length ? String(cards.length) : `${visible.length} of ${cards.length}`;
    byId('nothing').hidden = visible.length > 0;
    for (const pick of document.querySelectorAll('.pick'))
      pick.setAttribute('aria-pressed', String(pick.dataset.pick === status.value));
  }

  byId('filters').addEventListener('submit', event => event.preventDefault());
  find.addEventListener('input', show);
  status.addEventListener('change', show);
  group.addEventListener('change', show);
  byId('reset').addEventListener('click', () => { find.value = ''; status.value = ''; show(); });
  for (const pick of document.querySelectorAll('.pick'))
    pick.addEventListener('click', () => {
      status.value = status.value === pick.dataset.pick ? '' : pick.dataset.pick;
      show();
      byId('clips').scrollIntoView({behavior: still.matches ? 'auto' : 'smooth'});
    });

  const size = byId('size');
  function resize() {
    document.documentElement.style.setProperty('--h', size.value + 'px');
    grid.classList.toggle('small', size.value < 200);
  }
  size.addEventListener('input', resize);

  // ---- frames -----------------------------------------------------------------------------------------------------
  // Only what is near the window is opened: a campaign of thousands must not open thousands of files.
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      entry.target.preload = 'metadata';
      watcher.unobserve(entry.target);
    }
  }, {rootMargin: '600px'});
  for (const {video} of cards) {
    if (!video) continue;
    watcher.observe(video);
    video.addEventListener('error', () => video.parentElement.classList.add('lost'));
  }

  let playing = null;
  function rest() {
    if (!playing) return;
    playing.pause();
    playing.currentTime = 0;
    playing = null;
  }
  function play(video) {
    if (!video || video === playing || still.matches) return;
    rest();
    playing = video;
    video.muted = true;
    video.play().catch(() => {});  // left again before it began, or the file is gone: shown as such
  }
  for (const {element, video} of cards) {
    const shot = element.querySelector('.shot');
    shot.addEventListener('pointerenter', event => { if (event.pointerType !== 'touch') play(video); });
    shot.addEventListener('pointerleave', rest);
    shot.addEventListener('focus', () => { if (shot.matches(':focus-visible')) play(video); });
    shot.addEventListener('blur', rest);
    shot.addEventListener('click', () => open(cardOf.get(element)));
  }

  // ---- large view ---------------------------------------------------------------------------------------------------
  const viewer = byId('viewer'), stage = viewer.querySelector('.viewer-stage');
  let shownCard = null;

  function largeVideo(card) {
    const video = document.createElement('video');
    video.src = card.video.src;
    video.width = card.video.getAttribute('width');
    video.height = card.video.getAttribute('height');
    video.controls = video.loop = video.playsInline = true;
    if (!still.matches) video.autoplay = true;
    return video;
  }

  function open(card) {
    rest();
    shownCard = card;
    viewer.classList.toggle('bare', !card.video);
    stage.replaceChildren(...(card.video ? [largeVideo(card)] : []));
    byId('viewer-title').textContent = `${card.task} · ${card.take}`;
    const full = card.element.querySelector('.full').cloneNode(true);
    full.hidden = false;
    byId('viewer-about').replaceChildren(card.element.querySelector('.about').cloneNode(true), full);
    const file = byId('viewer-file');
    file.hidden = !card.video;
    if (card.video) file.href = card.video.src;
    byId('place').textContent = `${visible.indexOf(card) + 1} of ${visible.length}`;
    if (!viewer.open) viewer.showModal();
    viewer.querySelector('.viewer-side').scrollTop = 0;
  }

  function step(by) {
    if (visible.length === 0) return;
    open(visible[(visible.indexOf(shownCard) + by + visible.length) % visible.length]);
  }
  byId('previous').addEventListener('click', () => step(-1));
  byId('next').addEventListener('click', () => step(1));
  byId('close').addEventListener('click', () => viewer.close());
  viewer.addEventListener('click', event => { if (event.target === viewer) viewer.close(); });
  viewer.addEventListener('close', () => {
    stage.replaceChildren();
    shownCard?.element.querySelector('.shot').focus({preventScroll: false});
    rest();
  });
  viewer.addEventListener('keydown', event => {
    if (event.target.tagName === 'VIDEO') return;  // there the arrows seek
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });
  addEventListener('keydown', event => {
    if (event.key !== '/' || viewer.open || event.target.closest('input, select')) return;
    event.preventDefault();
    find.focus();
  });

  show();
})();
