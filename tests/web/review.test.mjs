// The review page in a real browser, served by the built program: node --test, see CMakeLists.txt for the environment.
import assert from 'node:assert/strict';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {before, test} from 'node:test';
import {assertNoBarriers} from './axe.mjs';
import {firstFrame, nameless, onPageAt, out, reachedByTab, screenshot} from './browser.mjs';
import {Program, ended} from './program.mjs';

const folder = path.join(out, 'review');
const hostile = '<img src=x onerror=alert(1)> & "quotes"';
const program = new Program(folder, {CALLSHEET_LEDGER: path.join(folder, 'ledger.db'), CALLSHEET_REVIEWER: 'ann'});
const verdicts = () => Object.fromEntries(JSON.parse(readFileSync(path.join(folder, 'out/review.json'), 'utf8')).verdicts
  .map(verdict => [verdict.task, verdict]));

before(async () => {
  writeFileSync(path.join(folder, 'campaign.yaml'), `version: 1
campaign: spring-sneakers
budget: {cap: 400 credits}
defaults: {duration: 3, quality: 720p}
outputs: {dir: out}
tasks:
  - {name: harbour-calm, prompt: "White sneakers on a quay at dawn, the sea calm, gulls far off", tags: [hero]}
  - {name: harbour-lively, prompt: '${hostile}'}
  - {name: street, prompt: "Steps through rain in a neon street, puddles, slow motion", aspect_ratio: "9:16"}
  - name: story
    shots: [{prompt: "The box opens", duration: 1}, {prompt: "A shoe in a window, evening sun", duration: 2}]
`);
  program.environment.EVOLINK_BASE_URL = await program.gateway(0);
  program.run(['run', 'campaign.yaml']);
});

/** Opens the page of a server of its own. `prepare`: what comes before the server is started. */
async function onPage({prepare, ...options}, look) {
  rmSync(path.join(folder, 'out/review.json'), {force: true});
  prepare?.();
  const {child: server, address} = await program.start(['review']);
  try {
    await onPageAt(address, {ready: '#clips button', ...options}, page => look(page, {server}));
  } finally {
    server.kill('SIGINT');
    await ended(server);
  }
}

const saved = page => page.locator('#saved', {hasText: 'Saved.'}).waitFor();
const frame = page => firstFrame(page.locator('#video'));

test('a whole review by the keyboard, each verdict in the file at once', () => onPage({}, async (page, {server}) => {
  await frame(page);
  assert.equal(await page.textContent('#name'), 'harbour-calm');
  assert.deepEqual(await page.locator('#filters button').allTextContents(), ['all 4', 'undecided 4', 'rejected 0', 'accepted 0']);
  await page.keyboard.press('a');
  await page.locator('#name', {hasText: 'harbour-lively'}).waitFor();  // on to the next that is undecided
  assert.equal(verdicts()['harbour-calm'].verdict, 'accepted');
  assert.equal(verdicts()['harbour-calm'].by, 'ann');
  await page.keyboard.press('n');
  await page.keyboard.type('too dark: ar<b>');
  await page.keyboard.press('Escape');
  await page.keyboard.press('r');
  await saved(page);
  assert.equal(verdicts()['harbour-lively'].note, 'too dark: ar<b>');
  assert.equal(verdicts()['harbour-lively'].prompt, undefined);
  await page.keyboard.press('j');
  assert.equal(await page.textContent('#name'), 'street');
  await page.keyboard.press('p');
  await page.fill('#prompt', 'Steps through rain, brighter');
  await page.keyboard.press('Escape');
  await saved(page);
  assert.deepEqual([verdicts().street.verdict, verdicts().street.prompt], ['rejected', 'Steps through rain, brighter']);
  assert.match(await page.textContent('#sums'), /a retake costs 32\.4 credits/);
  await frame(page);
  await screenshot(page, 'review-rejected');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#prompt').isDisabled(), true);  // its shots have prompts of their own
  await page.keyboard.press('r');
  await saved(page);
  await page.keyboard.press('u');
  await page.locator('#filters button', {hasText: 'undecided 1'}).waitFor();
  assert.equal(verdicts().story, undefined);
  await page.locator('#filters button', {hasText: 'rejected'}).click();
  assert.equal(await page.locator('#clips button').count(), 2);
  await page.keyboard.press('?');
  assert.equal(await page.locator('#help').isVisible(), true);
  await screenshot(page, 'review-keys');
  await page.keyboard.press('Escape');
  await page.reload();
  await page.locator('#filters button', {hasText: 'rejected 2'}).waitFor();
  await page.click('#done');
  await page.locator('#nothing', {hasText: 'review.json'}).waitFor();
  assert.equal(await ended(server), 0);
}));

test('what another said meanwhile is shown, and not written over unseen', () => onPage({expected: [/409/]}, async page => {
  program.run(['review', '--reject', 'harbour-calm', '--note', 'the logo is cut off', '--by', 'bob']);
  await page.keyboard.press('n');
  await page.keyboard.type('lovely');
  await page.keyboard.press('Escape');
  await page.keyboard.press('a');
  await page.locator('#saved', {hasText: 'Not saved: another has ruled on this clip meanwhile'}).waitFor();
  assert.match(await page.textContent('#by'), /rejected by bob/);
  assert.equal(verdicts()['harbour-calm'].note, 'the logo is cut off');
  assert.equal(await page.inputValue('#note'), 'lovely');  // nothing that was typed is lost
  await page.keyboard.press('a');
  await page.locator('#filters button', {hasText: 'accepted 1'}).waitFor();
  assert.deepEqual([verdicts()['harbour-calm'].verdict, verdicts()['harbour-calm'].note, verdicts()['harbour-calm'].by],
    ['accepted', 'lovely', 'ann']);
}));

test('what others wrote is text, and looks as it was written', () => onPage({}, async page => {
  await page.keyboard.press('j');
  assert.equal(await page.inputValue('#prompt'), hostile);
  assert.equal(await page.locator('img:not(#filmstrip img)').count(), 0);
}));

test('space plays and rests, and who asked for less motion gets none', () => onPage({reducedMotion: 'reduce'}, async page => {
  await frame(page);
  assert.equal(await page.locator('#video').evaluate(video => video.paused), true);
  await page.keyboard.press(' ');
  await page.locator('#video').evaluate(video => video.paused ? new Promise(done => { video.onplay = done; }) : 0);
  await page.keyboard.press(' ');
  assert.equal(await page.locator('#video').evaluate(video => video.paused), true);
}));

test('a poster stands there until the clip plays, and a frame leads to its place', () => onPage({reducedMotion: 'reduce', expected: [/404/]}, async page => {
  const video = page.locator('#video'), strip = page.locator('#filmstrip img');
  const sizes = await page.evaluate(async () => {
    const of = async url => { const image = new Image(); image.src = url; await image.decode(); return [image.naturalWidth, image.naturalHeight]; };
    return [await of(document.getElementById('video').poster), await of('filmstrip/0')];
  });
  assert.deepEqual(sizes, [[1280, 720], [8 * 284, 160]]);
  await frame(page);
  const {width, height} = await strip.boundingBox();
  await strip.click({position: {x: width * 0.75, y: height / 2}});
  const at = () => video.evaluate(element => element.seeking ? -1 : element.currentTime);
  for (const end = Date.now() + 10_000; Math.abs(await at() - 2.25) > 0.1;) assert.ok(Date.now() < end, String(await at()));
  await screenshot(page, 'review-filmstrip');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.locator('#name', {hasText: 'street'}).waitFor();
  await strip.evaluate(image => image.decode());
  assert.deepEqual(await strip.evaluate(image => [image.naturalWidth, image.naturalHeight]), [8 * 90, 160]);
  for (const other of ['poster/9', 'filmstrip/-1', 'filmstrip/0x', 'poster/'])
    assert.equal(await page.evaluate(async url => (await fetch(url)).status, other), 404);
}));

test('a phone, in the dark, without a keyboard', () => onPage({viewport: {width: 390, height: 844}, colorScheme: 'dark', hasTouch: true, isMobile: true},
  async page => {
    await frame(page);
    await page.tap('#reject');
    await saved(page);
    assert.equal(verdicts()['harbour-calm'].verdict, 'rejected');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the screen');
    await screenshot(page, 'review-phone');
  }));

test('no barriers, in both colour schemes', async () => {
  for (const colorScheme of ['light', 'dark'])
    await onPage({colorScheme, bypassCSP: true, reducedMotion: 'reduce', expected: [/404/]}, async page => {  // the policy forbids an icon
      await assertNoBarriers(page, colorScheme);
      await page.keyboard.press('r');
      await saved(page);
      await assertNoBarriers(page, colorScheme + ', rejected');
      await page.keyboard.press('?');
      await assertNoBarriers(page, colorScheme + ', keys');
    });
});

test('every control has a name, and can be reached with Tab', () => onPage({}, async page => {
  const reached = await reachedByTab(page, 40);
  for (const id of ['previous', 'next', 'accept', 'reject', 'note', 'prompt', 'done', 'keys']) assert.ok(reached.has(id), id);
  assert.deepEqual(await nameless(page), []);
}));

// The last one: from here on the latest run is the retake.
test('beside a retake the accepted clips can be looked at, and nothing is said of them', () => onPage({
  prepare() {
    for (const words of [['review', '--accept', 'harbour-calm'], ['review', '--reject', 'street'], ['retake', 'campaign.yaml']])
      program.run(words);
  },
}, async page => {
  assert.deepEqual(await page.locator('#clips bdi').allTextContents(), ['street', 'harbour-calm']);
  assert.deepEqual(await page.locator('#filters button').allTextContents(), ['all 2', 'undecided 1', 'rejected 0', 'accepted 1']);
  await page.keyboard.press('j');
  await page.locator('#name', {hasText: 'harbour-calm'}).waitFor();
  await frame(page);
  assert.match(await page.textContent('#warning'), /^Not taken again: it is of run \S+, and its verdict is changed there\.$/);
  for (const id of ['accept', 'reject', 'undo', 'note', 'prompt']) assert.ok(await page.locator('#' + id).isDisabled(), id);
  const before = verdicts();
  for (const key of ['a', 'r', 'u', 'n', 'p']) await page.keyboard.press(key);
  await page.keyboard.press('k');
  await page.locator('#name', {hasText: 'street'}).waitFor();
  await page.keyboard.press('a');
  await saved(page);
  assert.deepEqual(verdicts()['harbour-calm'], before['harbour-calm']);
  assert.equal(verdicts().street.verdict, 'accepted');
}));
