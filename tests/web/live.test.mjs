// The live page in a real browser, served by a run of the built program: node --test, see CMakeLists.txt for the environment.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {test} from 'node:test';
import {browser, firstFrame, nameless, onPageAt, out, reachedByTab, screenshot, until} from './browser.mjs';
import {Program, ended} from './program.mjs';

const hostile = '<img src=x onerror=alert(1)> & "quotes" </script>';
const program = new Program(path.join(out, 'live'));
const ledgerOf = name => ({CALLSHEET_LEDGER: path.join(program.folder, `${name}.db`)});

function campaign(name, tasks, limits = '{}') {
  writeFileSync(path.join(program.folder, `${name}.yaml`), `version: 1
campaign: ${name}
budget: {cap: 600 credits}
limits: ${limits}
defaults: {duration: 3, quality: 720p}
outputs: {dir: ${name}}
tasks:
${tasks.map(([task, prompt]) => `  - {name: ${task}, prompt: '${prompt}'}`).join('\n')}
`);
}
const run = (name, gateway, ...flags) => program.start(['run', `${name}.yaml`, '--yes', '--ui', ...flags],
  {environment: {EVOLINK_BASE_URL: gateway, ...ledgerOf(name)}, stream: 'stderr', pattern: /live page: (http\S+)/});

const onPage = (address, options, look) => onPageAt(address, {ready: 'main:not([hidden])', viewport: {width: 1440, height: 1000}, ...options}, look);
const whole = {fullPage: true};
const phase = (page, name) => page.locator(`body[data-phase=${name}]`).waitFor({timeout: 90_000});
const number = async (page, id) => Number(await page.textContent('#' + id));

/** A request with exactly these headers. */
function ask(address, method, target, headers = {}, body = '') {
  const {hostname, port} = new URL(address);
  return new Promise((done, failed) => {
    const request = http.request({hostname, port, method, path: target, headers: {'Content-Length': Buffer.byteLength(body), ...headers}}, answer => {
      answer.resume();
      answer.once('end', () => done(answer.statusCode));
    });
    request.once('error', failed);
    request.end(body);
  });
}
const stateOf = async address => (await fetch(address + 'state')).json();

test('a run is seen as it goes, to its end', async () => {
  campaign('spring', [['harbour-calm', 'White sneakers on a quay at dawn, the sea calm, gulls far off'], ['harbour-lively', 'The same quay at noon, boats come in'],
    ['street', 'Steps through rain in a neon street, puddles, slow motion'], ['attic', hostile], ['kitchen', 'A kettle in morning light'],
    ['meadow', 'Grass in wind, a shoe between the stems']], '{in_flight: 3}');
  const {child, address} = await run('spring', await program.gateway(0.03));
  await onPage(address, {}, async page => {
    await phase(page, 'running');
    await until(page, () => document.querySelectorAll('#work li').length === 3);
    assert.match(await page.textContent('#models'), /\d at the gateway.*\d waiting for tasks in flight/);
    assert.match(await page.textContent('#counts'), /3 of 3/);
    await until(page, () => Number(document.querySelector('#clips-done').textContent) >= 2 && document.querySelector('#work li'));
    await firstFrame(page.locator('#clips video').first());
    await screenshot(page, 'live', whole);
    // What others wrote is text, and looks as it was written.
    await until(page, () => document.body.textContent.includes('<img src=x onerror=alert(1)>'));
    assert.equal(await page.locator('img').count(), 0);
    await phase(page, 'ended');
    assert.equal(await number(page, 'clips-done'), 6);
    assert.match(await page.textContent('#notices'), /The report: .*report\.html/);
    assert.equal(await page.locator('#acts').isVisible(), false);
    assert.equal(await page.locator('#lost').isVisible(), false);  // it was told that there is no more
    assert.equal(await page.locator('.clip').count(), 6);
    await screenshot(page, 'live-ended', whole);
  });
  assert.equal(await ended(child), 0);
});

test('it pauses, goes on and stops; what is paid for comes home', async () => {
  campaign('autumn', Array.from({length: 30}, (_, i) => [`leaf-${i}`, `A leaf, number ${i}`]), '{in_flight: 2}');
  const {child, address} = await run('autumn', await program.gateway(0.03, '--fast'));
  await onPage(address, {}, async page => {
    await until(page, () => Number(document.querySelector('#clips-done').textContent) >= 1);
    await page.click('#pause');
    await phase(page, 'paused');
    await until(page, () => !document.querySelector('#work li'), 'what runs comes home');
    const made = await number(page, 'clips-done');
    const submitted = (await stateOf(address)).lines.filter(line => line.text.includes('asked of')).length;
    assert.equal(submitted, made);
    assert.match(await page.textContent('#models'), /waiting for the end of a pause/);
    await screenshot(page, 'live-paused', whole);
    assert.equal(await page.textContent('#pause'), 'Go on');
    await page.focus('#pause');
    await page.keyboard.press('Enter');
    await phase(page, 'running');
    await until(page, () => document.querySelectorAll('#work li').length === 2);
    // Asked first: a slip costs nothing.
    await page.click('#drain');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('body').getAttribute('data-phase'), 'running');
    await page.click('#drain');
    assert.match(await page.textContent('#sure-text'), /Nothing new is submitted/);
    await screenshot(page, 'live-stop', whole);
    await page.click('#yes');
    await phase(page, 'draining');
    await phase(page, 'interrupted');
    assert.match(await page.textContent('#notices'), /callsheet resume/);
  });
  assert.equal(await ended(child), 5);
  const status = JSON.parse(program.run(['status', '--json'], ledgerOf('autumn')));
  assert.equal(status.held.units, 0);
  assert.ok(status.tasks.filter(task => task.outcome === 'outstanding').every(task => !task.attempt), 'something paid for was left');
});

test('nobody but the page acts, and only who has the address looks', async () => {
  campaign('winter', [['snow', 'Snow on a quiet street'], ['ice', 'Ice on a pond']], '{in_flight: 1}');
  const {child, address} = await run('winter', await program.gateway(10, '--fast'));
  const {host, pathname} = new URL(address);
  const good = {Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json', 'X-Callsheet-Token': pathname.replaceAll('/', '')};
  const without = (name, more = {}) => Object.fromEntries(Object.entries({...good, ...more}).filter(([key]) => key !== name));
  for (const [what, status, target, headers] of [
    ['no token in the address', 404, '/pause', good],
    ['another token', 404, `/${'0'.repeat(32)}/pause`, good],
    ['no token in the header', 403, `${pathname}pause`, without('X-Callsheet-Token')],
    ['another in the header', 403, `${pathname}pause`, {...good, 'X-Callsheet-Token': '0'.repeat(32)}],
    ['from another site', 403, `${pathname}pause`, {...good, Origin: 'https://example.com'}],
    ['from nowhere', 403, `${pathname}pause`, without('Origin')],
    ['a form', 403, `${pathname}pause`, {...good, 'Content-Type': 'text/plain'}],
    ['under another name', 403, `${pathname}pause`, {...good, Host: 'example.com', Origin: 'http://example.com'}],
    ['an order nobody knows', 404, `${pathname}restart`, good]]) {
    assert.equal(await ask(address, 'POST', target, headers, '{}'), status, what);
    assert.equal((await stateOf(address)).phase, 'running', what);
  }
  assert.equal(await ask(address, 'GET', pathname + 'pause', good), 404);
  assert.equal(await ask(address, 'GET', pathname, {Host: 'rebound.example.com'}), 403);
  assert.equal(await ask(address, 'GET', '/', {Host: host}), 404);
  assert.equal(await ask(address, 'GET', pathname + 'clip/..%2f..%2fwinter.db', {Host: host}), 404);
  assert.equal(await ask(address, 'POST', pathname + 'pause', good, 'x'.repeat(2_000_000)), 413);
  // From a page of another origin in the same browser, with its address known: nothing comes of it.
  const evil = http.createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html>')).listen(0, '127.0.0.1');
  await new Promise(done => evil.once('listening', done));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  const outcomes = await page.evaluate(async ({address, token}) => {
    const tries = [{method: 'POST', mode: 'no-cors', body: '{}'}, {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json', 'X-Callsheet-Token': token}}, {}];
    return Promise.all(tries.map(how => fetch(address + (how.method ? 'pause' : 'state'), how).then(answer => answer.type, () => 'refused')));
  }, {address, token: good['X-Callsheet-Token']});
  assert.deepEqual(outcomes, ['refused', 'refused', 'refused']);
  await page.close();
  evil.close();
  assert.equal((await stateOf(address)).phase, 'running');
  assert.equal(await ask(address, 'POST', pathname + 'pause', good, '{}'), 200);
  assert.equal((await stateOf(address)).phase, 'paused');
  assert.equal(await ask(address, 'POST', pathname + 'leave', good, '{}'), 200);
  assert.equal(await ended(child), 130);
});

test('readers that stand still hold nobody up, and there are only so many', async () => {
  campaign('still', [['one', 'One'], ['two', 'Two'], ['three', 'Three']], '{in_flight: 1}');
  const {child, address} = await run('still', await program.gateway(0.02, '--fast'));
  const open = Array.from({length: 16}, () => new Promise((done, failed) => {
    const request = http.get(address + 'events', answer => { answer.pause(); done({status: answer.statusCode, request}); });
    request.once('error', failed);
  }));
  const readers = await Promise.all(open);
  assert.ok(readers.every(reader => reader.status === 200));
  assert.equal(await ask(address, 'GET', new URL(address).pathname + 'events', {Host: new URL(address).host}), 503);
  assert.equal(await ended(child), 0);  // with all of them still there
  for (const {request} of readers) request.destroy();
});

test('another process shows the same run, and only looks on', async () => {
  campaign('summer', [['beach', 'A beach at noon'], ['dune', hostile], ['wave', 'A wave, slow'], ['pier', 'A pier at dusk']], '{in_flight: 2}');
  const {child, address: acting} = await run('summer', await program.gateway(0.03, '--fast'));
  const {child: server, address} = await program.start(['serve'], {environment: ledgerOf('summer')});
  await onPage(address, {}, async page => {
    await phase(page, 'running');
    assert.equal(await page.textContent('#campaign'), 'summer');
    await until(page, () => document.querySelectorAll('#work li').length === 2);
    assert.equal(await page.locator('#acts').isVisible(), false);
    await screenshot(page, 'live-serve', whole);
    await phase(page, 'ended');
    assert.equal(await number(page, 'clips-done'), 4);
    assert.equal(await page.locator('#clips video').count(), 4);
    await firstFrame(page.locator('#clips video').first());
    assert.equal(await page.locator('img').count(), 0);
  });
  const {host, pathname} = new URL(address);
  assert.equal(await ask(address, 'POST', pathname + 'drain', {Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json',
    'X-Callsheet-Token': pathname.replaceAll('/', '')}, '{}'), 409);
  assert.notEqual(acting, address);
  assert.equal(await ended(child), 0);
  server.kill('SIGINT');
  assert.equal(await ended(server), 0);
});

test('a phone, in the dark, without motion; every control has a name and is reached with Tab', async () => {
  campaign('night', Array.from({length: 6}, (_, i) => [`lamp-${i}`, `A lamp, number ${i}, and a long text about the light that falls from it`]), '{in_flight: 3}');
  const {child, address} = await run('night', await program.gateway(0.1, '--fast'));
  await onPage(address, {viewport: {width: 390, height: 844}, colorScheme: 'dark', reducedMotion: 'reduce', hasTouch: true, isMobile: true}, async page => {
    await until(page, () => document.querySelectorAll('#work li').length === 3 && document.querySelector('.clip'));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the screen');
    await screenshot(page, 'live-phone', whole);
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    const reached = await reachedByTab(page, 30);
    for (const name of ['pause', 'drain', 'lines', 'screen']) assert.ok(reached.has(name), name);
    assert.deepEqual(await nameless(page), []);
  });
  assert.equal(await ended(child), 0);
});
