// The page is whole without this script, and shows posters. It groups and filters the cards, loads the first frames of
// clips without a poster as they come into view, plays a clip under the pointer, shows one large or several side by side.
// Text is only ever set as text, never parsed.
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
    const shot = element.querySelector('.shot');
    const ratio = shot.dataset.width / shot.dataset.height;
    if (shot.href) element.style.setProperty('--r', ratio);
    return {
      element, shot, labels, ratio,
      tags: [...element.querySelectorAll('.tag bdi')].map(tag => tag.textContent),
      file: shot.href ?? null,  // none: there is no clip
      poster: shot.querySelector('.poster'),
      strip: shot.dataset.filmstrip ?? null,
      video: null,  // made when the pointer comes; where there is no poster, when the card comes into view
      status: element.dataset.status,
      model: element.dataset.model,
      task: element.querySelector('.task').textContent,
      take: element.querySelector('.take').textContent,
      text: element.textContent.toLowerCase(),
    };
  });
  const comparedMost = 6;
  document.body.classList.toggle('many', cards.length > 300);
  const cardOf = new Map(cards.map(card => [card.shot, card]));

  // ---- groups -----------------------------------------------------------------------------------------------------
  const group = byId('group');
  const labelNames = [...new Set(cards.flatMap(card => [...card.labels.keys()]))];
  for (const name of labelNames) group.append(new Option(name, 'label:' + name));
  group.append(new Option('model', 'model'), new Option('status', 'status'));

  const isWorthwhile = name => new Set(cards.map(card => card.labels.get(name))).size > 1;
  const first = labelNames.find(isWorthwhile);
  if (first !== undefined) group.value = 'label:' + first;

  let sections = [];  // {head, count, rows: [{row, members}]} in the order they are seen

  function groupOf(card) {
    if (group.value === '') return '';
    if (group.value === 'model') return card.model || 'no model';
    if (group.value === 'status') return card.element.querySelector('.status').textContent;
    return card.labels.get(group.value.slice('label:'.length)) ?? 'without this label';
  }

  function create(tag, className, ...children) {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...children);
    return element;
  }

  function sectionOf(name, members) {
    const words = document.createElement('bdi');
    words.textContent = name;
    const count = document.createElement('small');
    const rows = [['row', members.filter(card => card.file)], ['row slips', members.filter(card => !card.file)]]
      .filter(([, some]) => some.length > 0)
      .map(([className, some]) => ({row: create('div', className, ...some.map(card => card.element)), members: some}));
    const head = create('h3', 'group-head', words, count);
    const clips = members.filter(card => card.file);
    if (clips.length >= 2 && clips.length <= comparedMost) {
      const button = create('button', '', 'Compare');
      button.type = 'button';
      button.setAttribute('aria-label', `Compare the clips of ${name}`);
      button.addEventListener('click', () => compare(clips));
      head.append(button);
    }
    return {head, count, rows};
  }

  function regroup() {
    const groups = new Map();
    for (const card of cards) {
      const name = groupOf(card);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(card);
    }
    sections = [...groups].map(([name, members]) => sectionOf(name, members));
    grid.replaceChildren(...sections.flatMap(section =>
      [...(group.value === '' ? [] : [section.head]), ...section.rows.map(({row}) => row)]));
    show();
  }

  // ---- filter -----------------------------------------------------------------------------------------------------
  const find = byId('find'), status = byId('status'), tag = byId('tag');
  for (const name of [...new Set(cards.flatMap(card => card.tags))].sort()) tag.append(new Option(name, name));
  byId('tags').hidden = tag.length === 1;
  let visible = [];  // in the order they are seen: "next clip" goes by it

  function show() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = card => (!status.value || card.status === status.value) && (!tag.value || card.tags.includes(tag.value)) && words.every(word => card.text.includes(word));
    visible = [];
    for (const {head, count, rows} of sections) {
      const before = visible.length;
      for (const {row, members} of rows) {
        const some = members.filter(matches), kept = new Set(some);
        for (const card of members)
          if (card.element.hidden === kept.has(card)) card.element.hidden = !kept.has(card);  // each write costs a layout
        row.hidden = some.length === 0;
        visible.push(...some);
      }
      const here = visible.length - before;
      head.hidden = here === 0;
      count.textContent = here === 1 ? '1 clip' : here + ' clips';
    }
    byId('shown').textContent = visible.length === cards.length ? String(cards.length) : `${visible.length} of ${cards.length}`;
    byId('nothing').hidden = visible.length > 0;
    for (const pick of document.querySelectorAll('.pick'))
      pick.setAttribute('aria-pressed', String(pick.dataset.pick === status.value));
  }

  byId('filters').addEventListener('submit', event => event.preventDefault());
  find.addEventListener('input', show);
  status.addEventListener('change', show);
  tag.addEventListener('change', show);
  group.addEventListener('change', regroup);
  byId('reset').addEventListener('click', () => { find.value = ''; status.value = ''; tag.value = ''; show(); });
  for (const pick of document.querySelectorAll('.pick'))
    pick.addEventListener('click', () => {
      status.value = status.value === pick.dataset.pick ? '' : pick.dataset.pick;
      show();
      byId('clips').scrollIntoView({behavior: still.matches ? 'auto' : 'smooth'});
    });

  const size = byId('size'), picture = byId('picture');
  const showsStrips = () => picture.value === 'strips';
  function resize() {
    document.documentElement.style.setProperty('--h', size.value * (showsStrips() ? 0.4 : 1) + 'px');
    grid.classList.toggle('small', size.value < 200);
  }
  size.addEventListener('input', resize);

  // ---- frames -----------------------------------------------------------------------------------------------------
  // A poster shows the clip until the pointer comes; where there is none, a video element is made for what is near the
  // window: a campaign of thousands must not open thousands of files.
  const stripFrames = 8;

  function load(card) {
    if (card.video) return;
    watcher.unobserve(card.shot);
    const video = document.createElement('video');
    video.muted = video.loop = video.playsInline = true;
    video.preload = 'metadata';
    video.tabIndex = -1;
    video.addEventListener('error', () => card.shot.classList.add('lost'));
    video.src = card.file;
    card.video = video;
    if (card.poster) card.poster.after(video);
    else card.shot.prepend(video);
  }
  /** The poster is there again, and the file is closed. */
  function unload(card) {
    card.video.removeAttribute('src');
    card.video.load();
    card.video.remove();
    card.video = null;
  }
  function doWithoutPoster(card) {
    card.poster.remove();
    card.poster = null;
    watcher.observe(card.shot);
  }
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries)
      if (entry.isIntersecting) load(cardOf.get(entry.target));
  }, {rootMargin: '600px'});

  let playing = null;  // a card
  function rest() {
    const card = playing;
    playing = null;
    if (!card) return;
    card.video.pause();
    if (card.poster) unload(card);
    else card.video.currentTime = 0;
  }
  function play(card) {
    if (!card.file || still.matches || card.frames || card === playing) return;
    rest();
    load(card);  // the pointer may come before the watcher saw that the clip is in view
    playing = card;
    card.video.play().catch(() => {});  // left again before it began, or the file is gone: shown as such
  }

  function stripImage(card) {
    const image = document.createElement('img');
    image.decoding = 'async';
    image.src = card.strip;
    return image;
  }
  const placeIn = (element, event) => {
    const {left, width} = element.getBoundingClientRect();
    return Math.min(0.999, Math.max(0, (event.clientX - left) / width));
  };
  /** For who wants no motion: the pointer goes through the frames, and nothing moves by itself. */
  function scrub(card, event) {
    if (!card.scrubbed) {
      card.scrubbed = stripImage(card);
      card.scrubbed.className = 'scrubbed';
      card.scrubbed.alt = '';
      card.shot.querySelector('.length').before(card.scrubbed);
    }
    const frame = Math.floor(placeIn(card.shot, event) * stripFrames);
    card.scrubbed.style.transform = `translateX(${-100 * frame / stripFrames}%)`;
  }
  function endScrub(card) {
    card.scrubbed?.remove();
    card.scrubbed = null;
  }

  /** The frames of all clips instead of their posters; a frame opens the clip at its place. */
  function showPictures() {
    rest();
    resize();
    for (const card of cards) {
      if (!card.strip) continue;
      card.frames?.remove();
      card.frames = null;
      card.element.style.setProperty('--r', card.ratio * (showsStrips() ? stripFrames : 1));
      if (!showsStrips()) continue;
      card.frames = stripImage(card);
      card.frames.loading = 'lazy';
      card.frames.className = 'frames';
      card.frames.alt = '';
      card.frames.addEventListener('error', () => { card.strip = null; showPictures(); }, {once: true});
      card.shot.querySelector('.length').before(card.frames);
    }
    grid.classList.toggle('strips', showsStrips());
  }
  picture.addEventListener('change', showPictures);
  byId('pictures').hidden = !cards.some(card => card.strip);

  for (const card of cards) {
    const {shot} = card;
    card.poster?.addEventListener('error', () => doWithoutPoster(card));
    if (card.poster?.complete && card.poster.naturalWidth === 0) doWithoutPoster(card);
    if (card.file && !card.poster) watcher.observe(shot);
    shot.addEventListener('pointerenter', event => { if (event.pointerType !== 'touch') play(card); });
    shot.addEventListener('pointermove', event => {
      if (still.matches && card.strip && !card.frames && event.pointerType !== 'touch') scrub(card, event);
    });
    shot.addEventListener('pointerleave', () => { rest(); endScrub(card); });
    shot.addEventListener('focus', () => { if (shot.matches(':focus-visible')) play(card); });
    shot.addEventListener('blur', rest);
    shot.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // the link as a link: the file in a tab of its own
      event.preventDefault();
      open(card, card.frames && event.detail > 0 ? placeIn(card.frames, event) : 0);
    });
  }

  // ---- large view ---------------------------------------------------------------------------------------------------
  const viewer = byId('viewer'), stage = viewer.querySelector('.viewer-stage');
  let shownCard = null;

  function largeVideo(card, place) {
    const video = document.createElement('video');
    video.src = card.file;
    if (card.poster && place === 0) video.poster = card.poster.src;
    if (place > 0) video.addEventListener('loadedmetadata', () => { video.currentTime = place * video.duration; }, {once: true});
    video.width = card.shot.dataset.width;
    video.height = card.shot.dataset.height;
    video.controls = video.loop = video.playsInline = true;
    if (!still.matches) video.autoplay = true;
    return video;
  }

  /** The clip's frames under it: a way through it, and where it is. */
  function filmstrip(card, video) {
    const image = stripImage(card), place = create('i', 'place');
    image.alt = 'Eight frames of the clip, from its beginning to its end';
    const strip = create('div', 'filmstrip', image, place);
    image.addEventListener('error', () => strip.remove());
    image.addEventListener('click', event => { video.currentTime = placeIn(image, event) * (video.duration || 0); });
    video.addEventListener('timeupdate', () => place.style.setProperty('--at', video.currentTime / (video.duration || 1)));
    return strip;
  }

  function stageOf(card, place) {
    if (!card.file) return [];
    const video = largeVideo(card, place);
    return card.strip ? [video, filmstrip(card, video)] : [video];
  }

  function open(card, place = 0) {
    rest();
    shownCard = card;
    viewer.classList.toggle('bare', !card.file);
    stage.replaceChildren(...stageOf(card, place));
    byId('viewer-title').textContent = `${card.task} · ${card.take}`;
    const full = card.element.querySelector('.full').cloneNode(true);
    full.hidden = false;
    byId('viewer-about').replaceChildren(card.element.querySelector('.about').cloneNode(true), full);
    const file = byId('viewer-file');
    file.hidden = !card.file;
    if (card.file) file.href = card.file;
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
    shownCard?.shot.focus();
    rest();
  });
  viewer.addEventListener('keydown', event => {
    if (event.target.tagName === 'VIDEO') return;  // there the arrows seek
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });

  // ---- side by side -------------------------------------------------------------------------------------------------
  // All follow the longest. Each clip that is shorter rests on its last frame until all begin anew.
  const comparison = byId('comparison'), time = byId('comparison-time');
  let compared = [];  // the videos; the first is the one the others follow
  let frame = 0;

  const lead = () => compared.reduce((longest, video) => (video.duration || 0) > (longest.duration || 0) ? video : longest);
  const placeOf = (video, seconds) => Math.min(seconds, Math.max(0, (video.duration || 0) - 0.04));
  function seek(seconds) {
    for (const video of compared) video.currentTime = placeOf(video, seconds);
    tell();
  }
  function tell() {
    const {currentTime, duration} = lead();
    time.value = duration ? currentTime / duration * 1000 : 0;
    byId('comparison-clock').textContent = `${currentTime.toFixed(1)} of ${(duration || 0).toFixed(1)} s`;
  }
  function follow() {
    const leader = lead();
    if (leader.ended) {
      seek(0);
      playAll();
      return;
    }
    for (const video of compared) {
      const should = placeOf(video, leader.currentTime);
      if (video !== leader && Math.abs(video.currentTime - should) > 0.12) video.currentTime = should;
    }
    tell();
    frame = requestAnimationFrame(follow);
  }
  function playAll() {
    cancelAnimationFrame(frame);
    for (const video of compared) video.play().catch(() => {});
    byId('comparison-play').textContent = 'Pause';
    frame = requestAnimationFrame(follow);
  }
  function pauseAll() {
    cancelAnimationFrame(frame);
    for (const video of compared) video.pause();
    byId('comparison-play').textContent = 'Play';
  }
  const playsAll = () => byId('comparison-play').textContent === 'Pause';

  function figureOf(card) {
    const video = document.createElement('video');
    video.src = card.file;
    if (card.poster) video.poster = card.poster.src;
    video.muted = video.playsInline = true;
    video.preload = 'auto';
    video.addEventListener('loadedmetadata', tell);
    const name = create('b', '', `${card.task} · ${card.take}`);
    const caption = create('figcaption', '', name);
    if (card.element.querySelector('.length').textContent.includes('sound')) {
      const sound = create('button', '', 'Sound');
      sound.type = 'button';
      sound.setAttribute('aria-pressed', 'false');
      sound.addEventListener('click', () => {
        video.muted = !video.muted;
        sound.setAttribute('aria-pressed', String(!video.muted));
      });
      caption.append(sound);
    }
    caption.append(...[...card.element.querySelectorAll('.about .line')].slice(0, 2).map(line => create('small', '', line.textContent)));
    const prompt = create('p', '', card.element.querySelector('.full dd')?.textContent ?? '');
    prompt.title = prompt.textContent;
    caption.append(prompt);
    const figure = create('figure', '', video, caption);
    figure.dataset.ratio = card.shot.dataset.width / card.shot.dataset.height;
    figure.style.setProperty('--r', figure.dataset.ratio);
    return figure;
  }

  /** All equally high, and as high as there is room for: in as many rows as that takes. */
  function layOut() {
    const room = byId('comparison-clips'), gap = 16, caption = 122;
    const ratios = [...room.children].map(figure => Number(figure.dataset.ratio));
    const width = room.clientWidth - 40, height = innerHeight - 150;
    let best = 120;
    for (let columns = 1; columns <= ratios.length; ++columns) {
      const rows = Math.ceil(ratios.length / columns);
      let high = height / rows - caption;
      for (let row = 0; row < rows; ++row) {
        const some = ratios.slice(row * columns, (row + 1) * columns);
        high = Math.min(high, (width - gap * (some.length - 1)) / some.reduce((sum, ratio) => sum + ratio, 0));
      }
      best = Math.max(best, high);
    }
    room.style.setProperty('--h', Math.floor(best) + 'px');
  }

  function compare(some) {
    rest();
    const figures = some.map(figureOf);
    compared = figures.map(figure => figure.querySelector('video'));
    byId('comparison-clips').replaceChildren(...figures);
    comparison.showModal();
    layOut();
    tell();
    if (still.matches) pauseAll();
    else playAll();
  }
  byId('comparison-play').addEventListener('click', () => playsAll() ? pauseAll() : playAll());
  byId('comparison-close').addEventListener('click', () => comparison.close());
  time.addEventListener('input', () => { pauseAll(); seek(time.value / 1000 * (lead().duration || 0)); });
  addEventListener('resize', () => comparison.open && layOut());
  comparison.addEventListener('click', event => { if (event.target === comparison) comparison.close(); });
  comparison.addEventListener('keydown', event => {
    const way = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (way && event.target !== time) {
      pauseAll();
      seek(Math.max(0, lead().currentTime + way * 0.1));
    }
    if (event.key !== ' ' || event.target.closest('button, input')) return;
    event.preventDefault();
    byId('comparison-play').click();
  });
  comparison.addEventListener('close', () => {
    pauseAll();
    compared = [];
    byId('comparison-clips').replaceChildren();
  });

  const picked = new Set();
  function tellPicked() {
    byId('tray').hidden = picked.size === 0;
    byId('tray-count').textContent = picked.size === 1 ? '1 clip' : picked.size + ' clips';
    byId('tray-compare').disabled = picked.size < 2;
    for (const card of cards) card.pick?.setAttribute('aria-pressed', String(picked.has(card)));
  }
  for (const card of cards) {
    if (!card.file) continue;
    card.pick = create('button', 'pick-clip', 'compare');
    card.pick.type = 'button';
    card.pick.setAttribute('aria-label', `Compare ${card.task}, ${card.take}`);
    card.pick.addEventListener('click', () => {
      if (!picked.delete(card)) picked.add(card);
      if (picked.size > comparedMost) picked.delete(picked.values().next().value);
      tellPicked();
    });
    card.shot.after(card.pick);
  }
  byId('tray-compare').addEventListener('click', () => compare([...picked]));
  byId('tray-clear').addEventListener('click', () => { picked.clear(); tellPicked(); });
  tellPicked();

  for (const bar of document.querySelectorAll('.course [data-card]'))
    bar.addEventListener('click', () => open(cards[bar.dataset.card]));
  addEventListener('keydown', event => {
    if (event.key !== '/' || viewer.open || comparison.open || event.target.closest('input, select')) return;
    event.preventDefault();
    find.focus();
  });

  regroup();
})();
