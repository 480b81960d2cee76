'use strict';
// Whatever people or models wrote is put in as text. What can be asked for comes from the catalog, and what it costs from
// the server, which plans the very manifest that it would run: nothing of either is known here.
const $ = id => document.getElementById(id);
const token = {'X-Callsheet-Token': location.pathname.split('/')[1]};
const pieceBytes = 768 * 1024;
let catalog, state = {sends: []}, quote = null, asked = 0, sending = false, unanswered = null;
const frames = {image_start: null, image_end: null};

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
const show = (element, text) => { set(element, text ?? ''); element.hidden = !text; };
const unique = values => [...new Set(values)];
/** With a capital first, unless it begins with the name of a model or gateway. */
const sentence = text => !text || /^[^ ]*[-\d,.:]/.test(text) ? text : text[0].toUpperCase() + text.slice(1);
const spoken = mode => sentence(mode.replaceAll('-', ' '));
const megabytes = bytes => `${(bytes / 1e6).toLocaleString([], {maximumFractionDigits: 1})} MB`;
const many = (count, one, more = one + 's') => `${count.toLocaleString()} ${count === 1 ? one : more}`;

const randomHex = bytes => [...crypto.getRandomValues(new Uint8Array(bytes))].map(byte => byte.toString(16).padStart(2, '0')).join('');

async function post(path, body) {
  const bytes = body instanceof Blob;
  const answer = await fetch(path, {method: 'POST', headers: {...token, 'Content-Type': bytes ? 'application/octet-stream' : 'application/json'},
    body: bytes ? body : JSON.stringify(body)});
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}
/** What stands in the way, by where it comes from: the page shows the gravest. */
const troubles = {end: '', connection: '', act: '', price: ''};
function trouble(by, text) {
  troubles[by] = text;
  show($('lost'), Object.values(troubles).find(Boolean));
}

// ---- the form, from the catalog

/** A row of radio buttons, of which one is always chosen. */
function choices(box, name, items, wanted, changed) {
  const before = box.querySelector('input:checked')?.value;
  const key = JSON.stringify(items);
  if (box.dataset.items !== key) {
    box.dataset.items = key;
    for (const label of box.querySelectorAll('label')) label.remove();
    for (const {value, text} of items) {
      const input = make('input', {type: 'radio', name, value});
      input.onchange = changed;
      box.append(make('label', {}, input, make('span', {text})));
    }
  }
  const pick = [wanted, before].find(value => items.some(item => item.value === value)) ?? items[0]?.value;
  for (const input of box.querySelectorAll('input')) input.checked = input.value === pick;
}
/** How the clip is cut: '' in one take, 'own' by shots of the person's, 'auto' by shots that the model plans. */
const cut = () => field('shots').hidden ? '' : chosen($('cuts'));
const chosen = box => box.querySelector('input:checked')?.value ?? '';
const mode = () => catalog.modes.find(one => one.mode === chosen($('modes')));

/** The models that the form's answers may be asked of: the one that was chosen, or those that are asked by themselves. */
function inScope() {
  const of_mode = catalog.models.filter(model => model.modes.includes(mode().mode));
  const one = of_mode.filter(model => model.model === $('model').value);
  const usual = of_mode.filter(model => model.usual);
  return one.length ? one : usual.length ? usual : of_mode;
}

function fitControls(wanted = {}) {
  const models = inScope();
  $('frames').hidden = !mode().frames;
  const durations = unique(models.flatMap(model => model.durations)).sort((a, b) => a - b);
  const seconds = wanted.duration ?? Number($('duration').dataset.seconds ?? 5);
  $('duration').dataset.all = JSON.stringify(durations);
  $('duration').max = durations.length - 1;
  $('duration').disabled = durations.length < 2;
  const nearest = durations.reduce((best, one) => Math.abs(one - seconds) < Math.abs(best - seconds) ? one : best, durations[0]);
  $('duration').value = durations.indexOf(nearest);
  showDuration();
  const qualities = catalog.qualities.filter(name => models.some(model => model.qualities.includes(name)));
  choices($('qualities'), 'quality', qualities.map(value => ({value, text: value === 'any' ? 'as it comes' : value})),
    wanted.quality ?? (chosen($('qualities')) || '720p'), changed);
  const ratios = unique(models.flatMap(model => model.aspect_ratios));
  choices($('ratios'), 'ratio', [{value: '', text: mode().frames ? 'as the frame' : 'as the model does'}, ...ratios.map(value => ({value, text: value}))],
    wanted.aspect_ratio ?? chosen($('ratios')), changed);
  field('aspect_ratio').hidden = !ratios.length;
  field('sound').hidden = !models.some(model => model.sound);
  if (wanted.sound !== undefined) $('sound').checked = wanted.sound === 'on';
  if (field('sound').hidden) $('sound').checked = false;
  const rules = models.map(model => model.shots).filter(Boolean), kinds = unique(rules.flatMap(rule => rule.kinds));
  const cuts = [['', 'one take'], ['own', 'my own shots'], ['auto', 'planned by the model']].filter(([value]) => !value || kinds.includes(value === 'own' ? 'customize' : 'intelligence'));
  choices($('cuts'), 'cut', cuts.map(([value, text]) => ({value, text})), wanted.shots === undefined ? undefined : wanted.shots === 'auto' ? 'auto' : wanted.shots.length ? 'own' : '', () => { fitControls(); changed(); });
  field('shots').hidden = cuts.length < 2;
  if (wanted.shots?.length && wanted.shots !== 'auto') listShots(wanted.shots);
  const own = cut() === 'own';
  if (own && !$('shots').children.length) listShots([{prompt: $('prompt').value, duration: 3}, {prompt: '', duration: 2}]);
  $('own').hidden = !own;
  $('add-shot').disabled = $('shots').children.length >= Math.max(0, ...rules.map(rule => rule.count_max));
  sumShots();
  field('prompt').hidden = field('duration').hidden = own;
  const negative = models.some(model => model.negative_prompt), watermark = models.some(model => model.watermark);
  field('negative_prompt').hidden = !negative;
  field('watermark').hidden = !watermark;
  $('more').hidden = !negative && !watermark;
  const ends = models.some(model => model.image_end);
  slot('image_end').hidden = !ends;
  const rule = models.map(model => model.image_start).find(Boolean);
  set($('image_start-hint'), rule && mode().frames ? `${rule.formats.join(' or ')}, at most ${megabytes(rule.bytes_max)}, ` +
    `${rule.side_px_min} px or more a side, 1:${rule.ratio_max} to ${rule.ratio_max}:1` : '');
  count('prompt', models.map(model => model.prompt));
  count('negative_prompt', models.map(model => model.negative_prompt));
}
// ---- shots, each with a prompt and a length

function shotRow({prompt, duration}) {
  const words = make('textarea', {rows: 2, value: prompt, placeholder: 'What this shot shows'}), seconds = make('input', {type: 'number', min: 1, max: 60, step: 1, value: duration, required: true});
  const remove = make('button', {type: 'button', className: 'drop-shot', text: '×'}), row = make('li', {}, words, make('label', {className: 'seconds'}, seconds, 's'), remove);
  words.oninput = seconds.oninput = () => { sumShots(); changed(); };
  remove.onclick = () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    nameShots();
    fitControls();
    changed();
    (next?.querySelector('textarea') ?? $('add-shot')).focus();
  };
  return row;
}
function listShots(shots) {
  $('shots').replaceChildren(...shots.map(shotRow));
  nameShots();
}
function nameShots() {
  [...$('shots').children].forEach((row, place) => {
    row.querySelector('textarea').setAttribute('aria-label', `Shot ${place + 1}`);
    row.querySelector('input').setAttribute('aria-label', `Seconds of shot ${place + 1}`);
    row.querySelector('button').setAttribute('aria-label', `Remove shot ${place + 1}`);
  });
}
const shotsNow = () => [...$('shots').children].map(row => ({prompt: row.querySelector('textarea').value, duration: Math.round(Number(row.querySelector('input').value)) || 0}));
function sumShots() {
  const shots = shotsNow();
  set($('shots-sum'), `${shots.reduce((sum, shot) => sum + shot.duration, 0)} s together`);
}
function showDuration() {
  const durations = JSON.parse($('duration').dataset.all);
  const seconds = durations[Number($('duration').value)];
  $('duration').dataset.seconds = seconds;
  $('duration').setAttribute('aria-valuetext', many(seconds, 'second'));
  set($('duration-shown'), `${seconds} s`);
}
function count(name, rules) {
  const most = Math.max(0, ...rules.map(rule => rule?.characters_max ?? 0));
  const has = [...$(name).value].length;
  set($(name + '-count'), most ? `${has.toLocaleString()} of ${most.toLocaleString()} characters` : '');
}
const field = name => document.querySelector(`.field[data-field=${name}]`);
const slot = name => document.querySelector(`.slot[data-field=${name}]`);
const shown = name => { const at = field(name) ?? slot(name); return at && !at.hidden && !(at.closest('#more')?.hidden); };

function formNow() {
  const framed = mode().frames, form = {mode: mode().mode, quality: chosen($('qualities')), model: $('model').value};
  if (cut() === 'own') form.shots = shotsNow();
  else Object.assign(form, {prompt: $('prompt').value, duration: Number($('duration').dataset.seconds)});
  if (cut() === 'auto') form.shots = 'auto';
  if (shown('sound')) form.sound = $('sound').checked ? 'on' : 'off';
  if (shown('aspect_ratio')) form.aspect_ratio = chosen($('ratios'));
  if (shown('negative_prompt')) form.negative_prompt = $('negative_prompt').value;
  if (shown('watermark') && $('watermark').value) form.watermark = $('watermark').value === 'true';
  if (framed && frames.image_start) form.image_start = frames.image_start.id;
  if (framed && frames.image_end && shown('image_end')) form.image_end = frames.image_end.id;
  return form;
}

/** The form as it was for another clip. */
function refill(form) {
  choices($('modes'), 'mode', catalog.modes.map(one => ({value: one.mode, text: spoken(one.mode)})), form.mode, modeChanged);
  $('model').value = '';
  listModels();
  if ([...$('model').options].some(option => option.value === form.model)) $('model').value = form.model;
  $('prompt').value = form.prompt;
  $('negative_prompt').value = form.negative_prompt;
  $('watermark').value = form.watermark === null ? '' : String(form.watermark);
  $('more').open = Boolean(form.negative_prompt) || form.watermark !== null;
  for (const name of ['image_start', 'image_end']) setFrame(name, form[name] ? {id: form[name]} : null);
  fitControls(form);
  changed();
  (cut() === 'own' ? $('shots').querySelector('textarea') : $('prompt')).focus();
}

/** Every model of the mode; those that can do what is asked for first, by price. */
function listModels() {
  const prices = new Map((quote?.offers ?? []).map(offer => [offer.model, offer.price]));
  const ofMode = catalog.models.filter(model => model.modes.includes(mode().mode));
  const units = model => prices.get(model.model)?.units ?? Infinity;
  const option = model => {
    const price = prices.get(model.model);
    return {value: model.model, text: `${model.model}${price ? `: ${price.credits} credits` : quote?.offers?.length ? ': cannot do this' : ''}`};
  };
  const groups = [['Asked by themselves', true], ['Other families', false]].map(([label, usual]) => ({label,
    options: ofMode.filter(model => model.usual === usual).sort((a, b) => units(a) === units(b) ? 0 : units(a) - units(b)).map(option)}));
  const key = JSON.stringify(groups), before = $('model').value;
  if ($('model').dataset.items === key) return;
  $('model').dataset.items = key;
  $('model').replaceChildren(make('option', {value: '', text: 'The cheapest that can; the next when it is down'}),
    ...groups.filter(group => group.options.length).map(group => make('optgroup', {label: group.label}, ...group.options.map(one => make('option', one)))));
  $('model').value = before;
  if ($('model').selectedIndex < 0) $('model').value = '';
}

// ---- frames

async function upload(name, file) {
  const at = slot(name);
  mistake(name, '');
  at.classList.add('busy');
  set(at.querySelector('.fact'), `${file.name}: coming up …`);
  const upload = randomHex(8);
  at.dataset.upload = upload;
  try {
    if (file.size > catalog.frame_bytes_max) throw new Error(`${file.name} has ${megabytes(file.size)}, and no model takes more than ${megabytes(catalog.frame_bytes_max)}`);
    let kept = {};
    for (let offset = 0; offset < Math.max(1, file.size); offset += pieceBytes)
      kept = await post(`frame/${upload}/${offset}/${file.size}`, new Blob([file.slice(offset, offset + pieceBytes)]));
    if (at.dataset.upload !== upload) return;  // another was chosen meanwhile
    setFrame(name, {...kept, name: file.name});
  } catch (error) {
    if (at.dataset.upload !== upload) return;
    setFrame(name, null);
    mistake(name, sentence(error.message));
  } finally {
    if (at.dataset.upload === upload) at.classList.remove('busy');
  }
  changed();
}
function setFrame(name, frame) {
  const at = slot(name), image = at.querySelector('img');
  frames[name] = frame;
  image.hidden = !frame;
  if (frame) image.src = `frame/${frame.id}`; else image.removeAttribute('src');
  at.querySelector('.words').hidden = Boolean(frame);
  at.querySelector('.remove').hidden = !frame;
  at.querySelector('.remove').setAttribute('aria-label', name === 'image_start' ? 'Remove the first frame' : 'Remove the end frame');
  image.alt = frame?.name ?? '';
  const size = frame?.width ? `${frame.width} × ${frame.height}, ` : '';
  set(at.querySelector('.fact'), frame?.name ? size + megabytes(frame.bytes) : '');
  $(name).value = '';
}
for (const name of ['image_start', 'image_end']) {
  const at = slot(name), drop = at.querySelector('.drop');
  $(name).onchange = () => { if ($(name).files[0]) upload(name, $(name).files[0]); };
  drop.ondragover = event => { event.preventDefault(); drop.classList.add('over'); };
  drop.ondragleave = () => drop.classList.remove('over');
  drop.ondrop = event => {
    event.preventDefault();
    drop.classList.remove('over');
    const file = event.dataTransfer.files[0];
    if (file) upload(name, file);
  };
  at.querySelector('.remove').onclick = () => {
    at.dataset.upload = '';
    setFrame(name, null);
    mistake(name, '');
    changed();
    $(name).focus();
  };
}
// A picture that misses its place must not take the page away.
for (const kind of ['dragover', 'drop']) addEventListener(kind, event => event.preventDefault());

// ---- the price

function mistake(name, text) {
  const at = $(name + '-mistake');
  if (!at) return false;
  show(at, text);
  const control = $(name);
  if (control?.matches('input, textarea, select')) text ? control.setAttribute('aria-invalid', 'true') : control.removeAttribute('aria-invalid');
  return true;
}

let timer = 0;
function changed() {
  quote = null;
  $('send').disabled = true;
  $('offer').classList.add('stale');
  show($('refused'), '');
  clearTimeout(timer);
  timer = setTimeout(ask, 150);
}
async function ask() {
  const number = ++asked;
  try {
    const answer = await post('price', {form: formNow()});
    if (number !== asked) return;  // the form has changed since
    quote = answer;
    trouble('price', '');
    drawQuote();
  } catch (error) {
    if (number === asked) trouble('price', `No price: ${error.message}`);
  }
}

function drawQuote() {
  const {task} = quote;
  listModels();
  for (const at of document.querySelectorAll('.mistake[id$=-mistake]')) {
    const name = at.id.slice(0, -'-mistake'.length);
    if (!(frames[name] === null && at.textContent && (name === 'image_start' || name === 'image_end'))) mistake(name, '');
  }
  // An empty form is no mistake yet.
  const blank = cut() === 'own' ? shotsNow().every(shot => !shot.prompt.trim()) : !$('prompt').value.trim();
  const untouched = blank && (!mode().frames || !frames.image_start);
  const apart = quote.mistakes.filter(one => {
    const words = sentence(one.what) + (one.mend ? ` — ${one.mend}` : '');
    return untouched || !(shown(one.field) && mistake(one.field, words));
  });
  const lines = untouched ? [] : apart.map(one => sentence(one.what) + (one.mend ? ` — ${one.mend}` : ''));
  $('mistakes').replaceChildren(...lines.map(text => make('li', {text})));
  $('mistakes').hidden = !lines.length;
  $('offer').classList.remove('stale');
  set($('price'), task ? task.price.credits : '–');
  set($('usd'), task ? `credits (${task.price.usd})` : 'credits');
  const [first, ...others] = task?.candidates ?? [];
  set($('by'), !task ? (untouched ? `Say what the clip should show${mode().frames ? ', and choose its first frame' : ''}.` : 'It cannot be made like this.')
    : first.model + (others.length ? `; when it is down, ${others.map(one => `${one.model} for ${one.price.credits}`).slice(0, 3).join(', ')}` : '') +
      (task.most.units > task.price.units ? `. At most ${task.most.credits} credits.` : '. Never more.'));
  const made = task?.known === 'made', outstanding = task?.known === 'outstanding';
  show($('known'), made ? 'You have this very clip already: there is nothing to buy.'
    : outstanding ? `Run ${task.known_run} has paid for this clip and has not brought it home.` : '');
  $('anew-row').hidden = !made;
  if (!made) $('anew').checked = false;
  set($('manifest'), quote.manifest);
  $('as-manifest').hidden = !quote.manifest;
  const count = quote.left_out.length;
  $('cannot').hidden = !count || !quote.offers.length;
  set($('cannot').querySelector('summary'), `${many(count, 'model')} cannot do this`);
  $('cannot').querySelector('ul').replaceChildren(...quote.left_out.map(one => make('li', {text: sentence(one.why)})));
  drawSend();
}
function drawSend() {
  const task = quote?.task;
  const short = task && !task.fits;
  const able = task && !short && !sending && !state.stopped && task.known !== 'outstanding' && (task.known !== 'made' || $('anew').checked);
  $('send').disabled = !able;
  set($('send'), task && (task.known !== 'made' || $('anew').checked) ? `Make it for ${task.price.credits} credits` : 'Make it');
  if (short) show($('known'), `It may come to ${task.most.credits} credits, and ${quote.left.credits} of the session's budget are left.`);
}

/** Away from the local gateway a person says yes once more before anything may cost. */
function askAboutMoney(title, text, yes) {
  if (catalog.local) return yes();
  set($('sure-title'), title);
  set($('sure-text'), text);
  $('sure').onclose = () => { if ($('sure').returnValue === 'yes') yes(); };
  $('sure').returnValue = '';
  $('sure').showModal();
}

function send() {
  if ($('send').disabled || sending || !quote?.task) return;
  const {task} = quote, wanted = {form: formNow(), most: task.most.units, anew: $('anew').checked}, key = JSON.stringify(wanted);
  // By its number an order is carried out once, also where it is sent again because nobody has heard an answer.
  if (unanswered?.key !== key) unanswered = {key, order: randomHex(8)};
  const order = {order: unanswered.order, ...wanted}, seconds = wanted.form.duration ?? wanted.form.shots.reduce((sum, shot) => sum + shot.duration, 0);
  askAboutMoney(`Spend ${task.price.credits} credits?`, `At ${catalog.gateway}, for ${many(seconds, 'second')} by ${task.candidates[0].model}` +
    `${task.price.usd ? ` (${task.price.usd})` : ''}. Whatever comes, no more than ${task.most.credits} credits.`, () => carryOut(order));
}
async function carryOut(order) {
  sending = true;
  drawSend();
  try {
    await post('send', order);
    $('anew').checked = false;
    unanswered = null;
  } catch (error) {
    if (!(error instanceof TypeError)) unanswered = null;  // there was an answer, and it was no
    show($('refused'), sentence(error.message));
  }
  await ask();
  sending = false;
  drawSend();
}

// ---- what was sent

const stages = {queued: 'waiting for its turn', starting: 'starting', sending: 'sending', making: 'being made', fetching: 'coming home', elsewhere: 'under way in another process',
  made: 'made', reused: 'was made already', mismatched: 'not as ordered', failed: 'failed', in_doubt: 'in doubt', waiting: 'with another run', skipped: 'left out', outstanding: 'interrupted', refused: 'not sent'};

/** Keeps the elements of what is still there, so that what plays goes on and what has the focus keeps it. */
function keep(list, items, create, update) {
  const have = new Map([...list.children].map(element => [element.dataset.key, element]));
  items.forEach((item, place) => {
    const name = String(item.id);
    const element = have.get(name) ?? create(item);
    element.dataset.key = name;
    have.delete(name);
    update(element, item);
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null);
  });
  for (const gone of have.values()) gone.remove();
}

function card() {
  const screen = make('div', {className: 'screen'}, make('img', {alt: '', hidden: true}), make('p', {className: 'stage'}), make('div', {className: 'meter'}, make('span')));
  const text = make('div', {className: 'text'}, make('p', {className: 'fate'}, make('b'), make('span')), make('p', {className: 'prompt', dir: 'auto'}), make('p', {className: 'facts'}),
    make('p', {className: 'why'}), make('details', {className: 'said'}, make('summary', {text: 'What the program said'}), make('pre', {tabIndex: 0})),
    make('p', {className: 'paths'}), make('p', {className: 'acts'}, make('button', {type: 'button', className: 'again', text: 'Use again'}), make('button', {type: 'button', className: 'go-on', text: 'Go on'})));
  return make('li', {className: 'clip'}, screen, text);
}
function drawCard(element, one) {
  const find = name => element.querySelector('.' + name), {form} = one;
  element.dataset.stage = one.stage;
  element.classList.toggle('going', !one.over);
  element.setAttribute('aria-label', `Clip ${one.id}: ${stages[one.stage]}`);
  let video = element.querySelector('video');
  const still = element.querySelector('img');
  if (form.image_start && !video && !one.file) { if (still.hidden) still.src = `frame/${form.image_start}`; still.hidden = false; } else still.hidden = true;
  if (one.file && !video) {
    video = make('video', {src: `clip/${one.id}#t=0.05`, muted: form.sound !== 'on', controls: true, loop: true, playsInline: true, preload: 'metadata'});
    video.setAttribute('aria-label', 'The clip');
    video.onerror = () => { video.remove(); show(find('stage'), 'its file cannot be shown'); };
    find('screen').prepend(video);
    // What was just made plays at once, where that is welcome; whoever looks at the others starts them.
    if (element.dataset.seen && !matchMedia('(prefers-reduced-motion: reduce)').matches) { video.muted = true; video.play().catch(() => {}); }
  }
  element.dataset.seen = '1';
  show(find('stage'), video ? '' : one.percent !== null ? `${stages[one.stage]}, ${one.percent} %` : stages[one.stage]);
  find('meter').hidden = one.over;
  find('meter').classList.toggle('unknown', one.percent === null);
  find('meter').firstChild.style.width = one.percent === null ? '' : `${one.percent}%`;
  set(find('fate').firstChild, sentence(stages[one.stage]));
  const money = one.billed.units ? `${one.billed.credits} credits billed (${one.billed.usd})` : one.over ? (one.earlier && !one.run ? '' : 'nothing billed') : `${one.price.credits} credits`;
  set(find('fate').lastChild, [money, one.held.units && one.over ? `${one.held.credits} held` : '', one.earlier ? 'an earlier session' : ''].filter(Boolean).map(text => ` · ${text}`).join(''));
  set(find('prompt'), one.prompt || 'no prompt');
  set(find('facts'), [one.model, `${form.duration} s`, form.quality, form.shots === 'auto' ? 'shots planned by the model' : form.shots.length ? many(form.shots.length, 'shot') : '', form.sound === 'on' ? 'sound' : '', form.aspect_ratio, form.image_start ? (form.image_end ? 'first and end frame' : 'first frame') : ''].filter(Boolean).join(' · '));
  show(find('why'), one.why ? sentence(one.why) : '');
  find('said').hidden = !one.message;
  set(find('said').lastChild, one.message);
  show(find('paths'), one.manifest);
  find('again').onclick = () => refill(form);
  find('again').setAttribute('aria-label', `Use again what clip ${one.id} was made from`);
  find('go-on').hidden = !one.goes_on || state.stopped;
  find('go-on').setAttribute('aria-label', `Go on with clip ${one.id}`);
  find('go-on').onclick = () => {
    const yes = () => goOn(find('go-on'), one);
    if (one.more.units) askAboutMoney(`Spend up to ${one.more.credits} credits more?`, `At ${catalog.gateway}, to go on with clip ${one.id}: it has come to ${one.committed.credits} credits by now` +
      `${one.more.usd ? `, and may cost ${one.more.usd} beyond` : ''}. Whatever comes, no more than ${one.most.credits} credits in all.`, yes);
    else yes();
  };
}
async function goOn(button, {id, more}) {
  button.disabled = true;
  try { await post('go-on', {id, more: more.units}); trouble('act', ''); } catch (error) { trouble('act', `Not done: ${error.message}`); }
  button.disabled = false;
}

function draw(fresh) {
  const moved = JSON.stringify(fresh.sends.map(one => [one.id, one.over])) !== JSON.stringify(state.sends.map(one => [one.id, one.over]));
  state = fresh;
  keep($('clips'), state.sends, card, drawCard);
  $('no-clips').hidden = state.sends.length > 0;
  const going = state.sends.filter(one => !one.over).length;
  set($('clips-sum'), state.sends.length ? `${going} under way, ${state.sends.length - going} over` : '');
  set($('billed'), state.billed.credits);
  set($('budget'), `of ${state.budget.credits} credits${catalog.local ? '' : `, ${state.billed.usd} so far`}`);
  const part = units => `${Math.max(0, Math.min(100, 100 * units / state.budget.units))}%`;
  $('meter-billed').style.width = part(state.billed.units);
  $('meter-bound').style.width = part(state.budget.units - state.left.units - state.billed.units);
  $('meter').setAttribute('aria-label', `${state.billed.credits} of ${state.budget.credits} credits are billed, ${state.left.credits} are left`);
  if (state.stopped) trouble('end', 'The playground is ending: what is paid for comes home.');
  if (moved && quote && !state.stopped) ask();  // what is left, and what is made, is another now
  drawSend();
}

function connect() {
  const source = new EventSource('events');
  source.onmessage = event => { trouble('connection', ''); draw(JSON.parse(event.data)); };
  source.addEventListener('over', () => {
    source.close();
    state.stopped = true;
    trouble('end', 'The playground has ended. What was made is in its folder.');
    drawSend();
  });
  source.onerror = () => {
    trouble('connection', 'The connection is lost. Trying again …');
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  };
}

function modeChanged() {
  $('model').value = '';
  quote = null;
  delete $('model').dataset.items;
  listModels();
  fitControls();
  changed();
}
async function begin() {
  catalog = await (await fetch('catalog')).json();
  set($('gateway'), catalog.local ? 'The local gateway: no money' : catalog.gateway);
  catalog.modes = catalog.modes.filter(one => catalog.models.some(model => model.modes.includes(one.mode)));
  choices($('modes'), 'mode', catalog.modes.map(one => ({value: one.mode, text: spoken(one.mode)})), undefined, modeChanged);
  listModels();
  fitControls();
  $('prompt').oninput = $('negative_prompt').oninput = () => { fitControls(); changed(); };
  $('duration').oninput = () => { showDuration(); changed(); };
  $('sound').onchange = $('watermark').onchange = changed;
  $('add-shot').onclick = () => {
    $('shots').append(shotRow({prompt: '', duration: 2}));
    nameShots();
    fitControls();
    changed();
    $('shots').lastChild.querySelector('textarea').focus();
  };
  $('model').onchange = () => { fitControls(); changed(); };
  $('anew').onchange = drawSend;
  $('form').onsubmit = event => { event.preventDefault(); send(); };
  $('form').onkeydown = event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } };
  $('copy').onclick = async () => {
    try {
      await navigator.clipboard.writeText($('manifest').textContent);
      set($('copied'), 'copied');
    } catch {
      getSelection().selectAllChildren($('manifest'));
      set($('copied'), 'selected: copy it with the keyboard');
    }
    setTimeout(() => set($('copied'), ''), 3000);
  };
  document.querySelector('main').hidden = false;
  changed();
  connect();
}
begin().catch(error => trouble('price', error.message));
