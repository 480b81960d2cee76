'use strict';
// Whatever comes from the run is put in as text. The server sends how the run stands, whole, whenever it has changed.
const $ = id => document.getElementById(id);
const ours = {'Content-Type': 'application/json', 'X-Callsheet-Token': location.pathname.split('/')[1]};
let state, ahead = 0, lastLine = 0;  // ahead: of our clock, in milliseconds

const names = {
  running: 'Running', paused: 'Paused', draining: 'Stopping', leaving: 'Leaving', ended: 'Ended', interrupted: 'Interrupted',
  made: 'made', reused: 'reused', mismatched: 'not as ordered', failed: 'failed', in_doubt: 'in doubt', waiting: 'with another run', skipped: 'skipped', outstanding: 'to come',
  sending: 'sending', making: 'making', fetching: 'fetching', doubt: 'in doubt',
};
const now = () => Date.now() + ahead;
const isOver = () => state.phase === 'ended' || state.phase === 'interrupted';
const clock = time => new Date(time).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')} min`;
}
const many = (count, one, more = one + 's') => `${count.toLocaleString()} ${count === 1 ? one : more}`;

/** An element with text, classes and children. */
function make(tag, {text, className, ...more} = {}, ...children) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  Object.assign(element, more);
  element.append(...children);
  return element;
}
const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };

/** Keeps the elements of what is still there, so that what plays goes on and what has the focus keeps it. */
function keep(list, items, key, create, update) {
  const have = new Map([...list.children].map(element => [element.dataset.key, element]));
  items.forEach((item, place) => {
    const name = String(key(item));
    let element = have.get(name);
    if (!element) {
      element = create(item);
      element.dataset.key = name;
    }
    have.delete(name);
    update?.(element, item);
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
  });
  for (const gone of have.values()) gone.remove();
}

function meter(element, parts, whole, label) {
  keep(element, parts, part => part.tone, part => {
    const bar = make('span');
    bar.dataset.tone = part.tone;
    return bar;
  }, (bar, part) => { bar.style.width = whole > 0 ? `${Math.min(100, 100 * part.size / whole)}%` : '0'; });
  if (label) element.setAttribute('aria-label', label);
}
function legend(list, parts) {
  keep(list, parts, part => part.name, part => {
    const pair = make('div', {}, make('dt', {text: part.name}), make('dd'));
    if (part.tone) pair.dataset.tone = part.tone; else pair.className = 'bare';
    return pair;
  }, (pair, part) => set(pair.querySelector('dd'), part.value));
}

function drawSums() {
  const {clips, money} = state;
  const inPlace = clips.made + clips.reused + clips.mismatched;
  set($('clips-done'), inPlace.toLocaleString());
  set($('clips-all'), `of ${many(clips.all, 'clip')}`);
  const kinds = ['made', 'reused', 'mismatched', 'failed', 'in_doubt', 'waiting', 'skipped'];
  const parts = kinds.filter(kind => clips[kind] || kind === 'made');
  meter($('clips-meter'), parts.filter(kind => kind !== 'outstanding').map(kind => ({tone: kind, size: clips[kind]})), clips.all, `${inPlace} of ${clips.all} clips are there`);
  if (clips.outstanding) parts.push('outstanding');
  legend($('clips-legend'), parts.map(kind => ({name: names[kind], tone: kind, value: clips[kind].toLocaleString()})));
  set($('billed'), money.billed.credits);
  set($('cap'), `of ${money.cap.credits} credits${money.billed_usd ? `, ${money.billed_usd} so far` : ''}`);
  const sums = [['billed', 'billed'], ['held', 'held'], ['refund_expected', 'refund expected']].filter(([kind]) => kind !== 'refund_expected' || money[kind].units);
  meter($('money-meter'), sums.map(([kind]) => ({tone: kind, size: money[kind].units})), money.cap.units, `${money.billed.credits} of ${money.cap.credits} credits are billed, ${money.held.credits} held`);
  const free = (money.cap.units - money.billed.units - money.held.units - money.refund_expected.units) / 10000;
  legend($('money-legend'), [...sums.map(([kind, name]) => ({name, tone: kind, value: money[kind].credits})), {name: 'free', value: free.toLocaleString([], {maximumFractionDigits: 4})}]);
  const most = state.in_flight_most === null ? '' : ` of ${state.in_flight_most.toLocaleString()}`;
  const counts = [{name: 'at the gateway', value: state.in_flight.toLocaleString() + most},
    {name: 'coming home', value: state.fetching.toLocaleString()}, {name: 'waiting', value: state.waiting.toLocaleString()}];
  if (state.rate) counts.push({name: 'rate', value: state.rate});
  legend($('counts'), isOver() ? [] : counts);
  document.title = `${inPlace}/${clips.all} · ${state.campaign} · callsheet`;
}

function drawTimes() {
  if (!state) return;
  const until = state.ended ?? now();
  set($('elapsed'), span(until - state.started));
  set($('time-title'), state.ended ? 'It took' : 'Under way for');
  const left = state.done_at && state.done_at - now();
  set($('left'), state.ended ? `until ${clock(state.ended)}` : !left ? '' : left > 1500 ? `about ${span(left)} left` : 'nearly done');
  for (const age of document.querySelectorAll('#work .age')) set(age, span(now() - Number(age.dataset.since)));
}

function drawWork() {
  keep($('work'), state.tasks, task => task.id, () => make('li', {},
    make('div', {}, make('bdi', {className: 'title'}), make('span', {className: 'model'}), make('p', {className: 'prompt'})),
    make('div', {className: 'stage'}, make('span', {className: 'word'}), make('span', {className: 'percent'}),
      make('div', {className: 'meter'}, make('span'))),
    make('span', {className: 'age'})),
  (row, task) => {
    const find = name => row.querySelector('.' + name);
    row.dataset.tone = task.stage;
    set(find('title'), task.title);
    set(find('model'), task.model);
    set(find('prompt'), task.prompt);
    find('prompt').title = task.prompt;
    set(find('word'), names[task.stage]);
    const known = task.percent !== null;
    set(find('percent'), known ? `${task.percent} %` : '');
    find('stage').classList.toggle('unknown', !known);
    find('meter').firstChild.style.width = known ? `${task.percent}%` : '';
    find('age').dataset.since = task.since;
  });
  const hidden = state.tasks_all - state.tasks.length;
  set($('work-sum'), hidden > 0 ? `${state.tasks.length} of ${state.tasks_all.toLocaleString()}` : state.tasks_all ? String(state.tasks_all) : '');
  $('no-work').hidden = state.tasks.length > 0;
  $('going').hidden = isOver() && !state.tasks.length;
}

/** What each model has to do, how fast it may be asked, and what its tasks wait for. */
function drawModels() {
  keep($('models'), state.models, model => model.name, () => make('li', {}, make('bdi', {className: 'title'}),
    make('p', {className: 'load'}), make('p', {className: 'why'})), (row, model) => {
    const load = [`${model.in_flight.toLocaleString()}${model.in_flight_most === null ? '' : ` of ${model.in_flight_most.toLocaleString()}`} at the gateway`];
    if (model.rate) load.push(model.rate);
    if (model.waiting) load.push(`${model.waiting.toLocaleString()} waiting for ${model.waits_for || 'their turn'}`);
    set(row.children[0], model.name);
    set(row.children[1], load.join(' · '));
    set(row.children[2], model.trouble);
    row.children[2].hidden = !model.trouble;
    row.dataset.tone = model.trouble ? 'note' : 'good';
  });
  $('asked').hidden = !state.models.length;
  set($('waiting-sum'), state.waiting ? `${many(state.waiting, 'clip')} waiting` : '');
}

function drawFinished() {
  $('finished').hidden = !state.finished.length;
  keep($('clips'), state.finished, clip => clip.id + clip.outcome, clip => {
    const screen = make('button', {type: 'button', className: 'screen'});
    screen.setAttribute('aria-label', clip.has_file ? `Play ${clip.title}` : clip.title);
    screen.disabled = !clip.has_file;
    if (clip.has_file) {
      const video = make('video', {src: `clip/${clip.id}#t=0.05`, muted: true, playsInline: true, loop: true, preload: 'metadata'});
      const play = () => video.play().catch(() => {});
      video.onerror = () => {
        screen.disabled = true;
        screen.replaceChildren('in the output folder');
      };
      screen.append(video);
      screen.onclick = () => video.paused ? play() : video.pause();
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
        screen.onpointerenter = event => { if (event.pointerType === 'mouse') play(); };
        screen.onpointerleave = event => { if (event.pointerType === 'mouse') video.pause(); };
      }
    } else {
      screen.textContent = names[clip.outcome];
    }
    const facts = clip.has_file ? ` · ${clip.seconds} s · ${clip.quality}` : '';
    const text = make('div', {className: 'text'}, make('bdi', {className: 'title', text: clip.title, title: clip.title}),
      make('p', {className: 'fate'}, names[clip.outcome], make('span', {text: `${facts} · ${clock(clip.at)}`})));
    if (clip.why) text.append(make('p', {className: 'why', text: clip.why}));
    if (clip.prompt) text.append(make('p', {className: 'prompt', text: clip.prompt, title: clip.prompt}));
    const card = make('li', {className: 'clip'}, screen, text);
    card.dataset.tone = clip.outcome;
    return card;
  });
}

function drawLog() {
  for (const line of state.lines) {
    if (line.number <= lastLine) continue;
    lastLine = line.number;
    const row = make('li', {}, make('time', {text: clock(line.at)}), make('span', {text: line.text}));
    row.dataset.tone = line.tone;
    $('lines').prepend(row);
  }
  while ($('lines').children.length > 200) $('lines').lastChild.remove();
}

function drawRuns() {
  $('others').hidden = !state.runs.length;
  keep($('runs'), state.runs, run => run.id, () => make('li', {}, make('bdi', {className: 'title'}), make('span'), make('span')), (row, run) => {
    set(row.children[0], run.campaign);
    set(row.children[1], run.id);
    set(row.children[2], `${run.status.replaceAll('_', ' ')} · ${run.made} of ${many(run.tasks, 'clip')} · ${run.billed.credits} credits`);
  });
}

function drawHead() {
  document.body.dataset.phase = state.phase;
  set($('campaign'), state.campaign);
  set($('run'), `${state.run} · ${state.gateway}`);
  const more = {paused: 'nothing new is submitted', draining: 'what is paid for comes home', leaving: 'what is paid for stays at the gateway'}[state.phase];
  set($('phase'), names[state.phase] + (more ? `: ${more}` : ''));
  $('acts').hidden = !state.acts;
  $('pause').hidden = !['running', 'paused'].includes(state.phase);
  set($('pause'), state.phase === 'paused' ? 'Go on' : 'Pause');
  $('drain').hidden = !['running', 'paused'].includes(state.phase);
  $('leave').hidden = state.phase !== 'draining';
  const notices = state.ending ? [...state.notices, state.ending] : state.notices;
  keep($('notices'), notices.map((text, place) => ({text, place})), notice => notice.place, () => make('li'), (row, notice) => {
    set(row, notice.text);
    row.classList.toggle('ending', notice.text === state.ending);
  });
}

/** Once it has ended: that this page has the clips it shows, so that the run's process need not wait for it any longer. */
let content = '';
async function sayContent() {
  if (!isOver() || content === state.run) return;
  content = state.run;
  const loading = [...document.querySelectorAll('video')].filter(video => video.readyState < 2 && !video.error);
  const loaded = loading.map(video => new Promise(done => { video.addEventListener('loadeddata', done); video.addEventListener('error', done); }));
  await Promise.race([Promise.all(loaded), new Promise(done => setTimeout(done, 1500))]);
  fetch('content', {method: 'POST', headers: ours, body: '{}'}).catch(() => {});
}

function draw(fresh) {
  if (state && fresh.run !== state.run) {
    lastLine = 0;
    $('lines').replaceChildren();
    $('clips').replaceChildren();
  }
  state = fresh;
  if (isOver() && $('sure').open) $('sure').close('no');  // there is nothing left to stop
  document.querySelector('main').hidden = false;
  drawHead();
  drawSums();
  drawWork();
  drawModels();
  drawFinished();
  drawLog();
  drawRuns();
  drawTimes();
  sayContent();
}

function trouble(text) {
  $('lost').hidden = !text;
  set($('lost'), text);
}

async function order(what) {
  for (const button of $('acts').children) button.disabled = true;
  try {
    const answer = await fetch(what, {method: 'POST', headers: ours, body: '{}'});
    trouble(answer.ok ? '' : `Not done: ${await answer.text()}`);
  } catch {
    trouble('Not done: the run does not answer.');
  }
  for (const button of $('acts').children) button.disabled = false;
}

/** Asks first: what follows cannot be taken back. */
function ask(title, text, yes, what) {
  set($('sure-title'), title);
  set($('sure-text'), text);
  set($('yes'), yes);
  $('sure').onclose = () => { if ($('sure').returnValue === 'yes') order(what); };
  $('sure').returnValue = '';
  $('sure').showModal();
}
const atGateway = () => `${many(state.in_flight + state.fetching, 'task')} at the gateway`;
$('pause').onclick = () => order(state.phase === 'paused' ? 'go-on' : 'pause');
$('drain').onclick = () => ask('Stop the run?', `Nothing new is submitted. ${atGateway()} are paid for and brought home. ` +
  `“callsheet resume” goes on later with the rest.`, 'Stop', 'drain');
$('leave').onclick = () => ask('Leave at once?', `${atGateway()} stay there, paid for. ` +
  `“callsheet collect” brings them home, which has to be within 24 hours of their end.`, 'Leave', 'leave');

function connect() {
  const source = new EventSource('events');
  source.onmessage = event => {
    ahead = Number(event.lastEventId) - Date.now();
    trouble('');
    draw(JSON.parse(event.data));
  };
  source.addEventListener('over', () => source.close());
  source.onerror = () => {
    trouble('The connection is lost. Trying again …');
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  };
}
connect();
setInterval(drawTimes, 1000);
