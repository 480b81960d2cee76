'use strict';
// Whatever comes from the run is put in as text. A verdict is on disk before the page shows it.
const $ = id => document.getElementById(id);
const ours = {'Content-Type': 'application/json', 'X-Callsheet-Token': location.pathname.split('/')[1]};
const filters = ['all', 'undecided', 'rejected', 'accepted'];
let state, filter = 'all', at = 0;
const drafts = new Map();  // notes and prompts that are in no verdict yet

const shown = () => state.clips.filter(clip => filter === 'all' || clip.verdict === filter);
const current = () => state.clips[at];

function take(fresh) {
  state = fresh;
  $('campaign').textContent = state.campaign;
  document.title = `${state.campaign} · callsheet review`;
}

function drawSums() {
  const counts = {all: state.clips.length, undecided: state.undecided, rejected: state.rejected, accepted: state.accepted};
  $('filters').replaceChildren(...filters.map(name => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `${name} ${counts[name]}`;
    button.dataset.filter = name;
    button.setAttribute('aria-pressed', String(name === filter));
    button.onclick = () => { filter = name; if (shown().length && !shown().includes(current())) at = shown()[0].number; draw(); };
    return button;
  }));
  const money = document.createElement('b');
  money.textContent = `${state.retake.credits} credits`;
  $('sums').replaceChildren(...(state.rejected ? ['a retake costs ', money, ` (${state.retake_usd})`] : ['nothing to take again']));
}

function drawStrip() {
  $('clips').replaceChildren(...shown().map(clip => {
    const item = document.createElement('li'), button = document.createElement('button');
    const name = document.createElement('bdi'), verdict = document.createElement('span');
    name.textContent = clip.title;
    verdict.textContent = clip.verdict;
    button.type = 'button';
    button.dataset.verdict = clip.verdict;
    button.setAttribute('aria-current', String(clip.number === at));
    button.append(name, verdict);
    button.onclick = () => go(clip.number);
    item.append(button);
    return item;
  }));
  $('clips').querySelector('[aria-current=true]')?.scrollIntoView({block: 'nearest', inline: 'center'});
}

function drawClip() {
  const clip = current();
  if ($('video').dataset.number !== String(at)) {
    $('video').dataset.number = at;
    $('video').poster = clip.poster ? `poster/${at}` : '';
    $('video').src = `clip/${at}`;
    filmstrip.hidden = !clip.filmstrip;
    if (clip.filmstrip) filmstrip.querySelector('img').src = `filmstrip/${at}`;
    $('video').setAttribute('aria-label', clip.title);
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) $('video').play().catch(() => {});
  }
  $('frame').dataset.verdict = clip.verdict;
  $('name').textContent = clip.task;
  $('take').textContent = clip.take > 1 ? `take ${clip.take}` : '';
  $('facts').textContent = clip.facts;
  const kept = clip.kept_from && `Not taken again: it is of run ${clip.kept_from}, and its verdict is changed there.`;
  $('warning').hidden = !clip.warning && !kept;
  $('warning').textContent = kept || clip.warning;
  $('accept').setAttribute('aria-pressed', String(clip.verdict === 'accepted'));
  $('reject').setAttribute('aria-pressed', String(clip.verdict === 'rejected'));
  $('undo').disabled = clip.verdict === 'undecided' || Boolean(kept);
  $('accept').disabled = $('reject').disabled = $('note').disabled = Boolean(kept);
  $('note').value = drafts.get(at)?.note ?? clip.note;
  $('prompt').value = drafts.get(at)?.prompt || clip.prompt || clip.made_from;
  $('prompt').disabled = clip.has_shots || Boolean(kept);
  $('prompt').classList.toggle('changed', Boolean(clip.prompt));
  $('prompt-hint').textContent = kept ? 'What the clip was made from.'
    : clip.has_shots ? 'Its shots have prompts of their own: change them in the manifest.'
    : clip.prompt ? 'Changed. The clip was made from: ' + clip.made_from : 'What the clip was made from. Changed here, it rejects the clip.';
  $('by').textContent = clip.by ? `${clip.verdict} by ${clip.by}, ${new Date(clip.at).toLocaleString()}` : '';
  const among = shown(), place = among.indexOf(clip);
  $('place').textContent = place < 0 ? '' : `${place + 1} of ${among.length}`;
}

function draw() {
  const any = state.clips.length > 0 && shown().length > 0;
  document.querySelector('main').hidden = $('strip').hidden = !any;
  $('nothing').hidden = any;
  drawSums();
  if (!any) return $('video').pause();
  drawStrip();
  drawClip();
}

function go(number) {
  leaveTexts();
  at = number;
  $('saved').textContent = '';
  draw();
}

function step(by) {
  const among = shown(), place = among.indexOf(current());
  const next = among[place < 0 ? 0 : Math.min(Math.max(place + by, 0), among.length - 1)];
  if (next) go(next.number);
}

// A frame leads to its place in the clip.
const filmstrip = $('filmstrip');
filmstrip.addEventListener('click', event => {
  const {left, width} = filmstrip.getBoundingClientRect();
  $('video').currentTime = Math.min(0.999, Math.max(0, (event.clientX - left) / width)) * ($('video').duration || 0);
});
filmstrip.querySelector('img').addEventListener('error', () => { filmstrip.hidden = true; });
$('video').addEventListener('timeupdate', event =>
  filmstrip.style.setProperty('--at', event.target.currentTime / (event.target.duration || 1)));

let sending = Promise.resolve();
/** One after the other, so that the last word is the one that stands; but not over another's that was not seen here. Whether
    it was kept. */
function say(number, verdict, note, prompt) {
  sending = sending.then(async () => {
    let kept = false;
    try {
      const answer = await fetch('verdict', {method: 'POST', headers: ours,
        body: JSON.stringify({clip: number, seen: state.clips[number].mark, verdict, note, prompt})});
      if (!answer.ok) {
        const why = await answer.text();
        drafts.set(number, {note, prompt});
        take(await (await fetch('state')).json());
        throw new Error(why);
      }
      take(await answer.json());
      drafts.delete(number);
      kept = true;
      $('saved').className = '';
      $('saved').textContent = 'Saved.';
    } catch (error) {
      $('saved').className = 'trouble';
      $('saved').textContent = error instanceof TypeError ? 'Not saved: callsheet is no longer running.' : 'Not saved: ' + error.message;
    }
    draw();
    return kept;
  });
  return sending;
}

const newPrompt = () => {
  const text = $('prompt').value.trim(), clip = current();
  return clip.has_shots || text === clip.made_from.trim().replaceAll('\r\n', '\n') ? '' : text;
};

async function rule(verdict) {
  const number = at, clip = current();
  if (clip.kept_from) return;
  const kept = await say(number, verdict, verdict === 'undecided' ? '' : $('note').value.trim(), verdict === 'rejected' ? newPrompt() : '');
  if (!kept || verdict !== 'accepted' || at !== number || clip.verdict === 'accepted') return;
  const next = shown().find(other => other.number > number && other.verdict === 'undecided');
  if (next) { at = next.number; draw(); }
}

/** What was typed is part of the verdict as soon as it is left. A new prompt rejects the clip. */
function keepTexts() {
  const clip = current(), note = $('note').value.trim(), prompt = newPrompt();
  if (clip.kept_from) return;
  if (note === clip.note && prompt === clip.prompt) return;
  if (clip.verdict === 'undecided' && !prompt) {
    drafts.set(at, {note});
    $('saved').className = '';
    $('saved').textContent = 'The note is saved with a verdict.';
    return;
  }
  const verdict = prompt ? 'rejected' : clip.verdict;
  say(at, verdict, note, verdict === 'rejected' ? prompt : '');
}
function leaveTexts() {
  if (document.activeElement instanceof HTMLTextAreaElement) document.activeElement.blur();
}

const keys = {
  a: () => rule('accepted'), r: () => rule('rejected'), u: () => current().verdict !== 'undecided' && rule('undecided'),
  n: () => $('note').focus(), p: () => $('prompt').focus(),
  j: () => step(1), k: () => step(-1), ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  ' ': () => $('video').paused ? $('video').play() : $('video').pause(),
  '?': () => $('help').showModal(),
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || $('help').open || !state) return;
  const typing = event.target instanceof HTMLTextAreaElement;
  if (typing && event.key === 'Escape') { leaveTexts(); $('stage').focus(); }
  if (typing || (event.key === ' ' && event.target instanceof HTMLButtonElement)) return;
  const key = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!key || (document.querySelector('main').hidden && event.key !== '?')) return;
  event.preventDefault();
  key();
});
for (const id of ['note', 'prompt']) $(id).addEventListener('change', keepTexts);
$('accept').onclick = keys.a;
$('reject').onclick = keys.r;
$('undo').onclick = keys.u;
$('previous').onclick = keys.k;
$('next').onclick = keys.j;
$('keys').onclick = keys['?'];
$('show-all').onclick = () => { filter = 'all'; draw(); };
$('done').onclick = async () => {
  leaveTexts();
  await sending;
  await fetch('done', {method: 'POST', headers: ours, body: '{}'}).catch(() => {});
  const end = document.createElement('p');
  end.id = 'nothing';
  end.textContent = `Everything is in ${state.file}. This page can be closed.`;
  document.body.replaceChildren(end);
};
fetch('state').then(answer => answer.json()).then(fresh => {
  take(fresh);
  at = state.clips.find(clip => clip.verdict === 'undecided')?.number ?? 0;
  draw();
});
