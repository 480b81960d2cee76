// The playground in a real browser, served by the built program: node --test, see CMakeLists.txt for the environment.
//   CALLSHEET_PROGRAM   the built program
//   CALLSHEET_CHROMIUM  the browser
//   CALLSHEET_WEB_OUT   folder for the sessions and the screenshots (kept between runs)
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {assertNoBarriers} from './axe.mjs';

const out = path.resolve(process.env.CALLSHEET_WEB_OUT ?? 'web-out');
const folder = path.join(out, 'playground');
const program = process.env.CALLSHEET_PROGRAM;
const picture = name => fileURLToPath(new URL(`../../manifests/images/${name}`, import.meta.url));
const hostile = '<img src=x onerror=alert(1)> {{ campaign }} & "quotes" </script>';
let browser, running = [];

/** A program that goes on running, and the address it prints. */
async function started(where, environment, ...words) {
  const cwd = path.join(folder, where);
  mkdirSync(cwd, {recursive: true});
  const child = spawn(program, words, {cwd, env: {...process.env, CI: '1', ...environment}, stdio: ['ignore', 'pipe', 'pipe']});
  running.push(child);
  child.said = '';
  child.stderr.on('data', text => { child.said += text; });
  const address = await new Promise((done, failed) => {
    createInterface({input: child.stdout}).on('line', line => { const found = line.match(/http\S+/); if (found) done(found[0]); });
    child.once('exit', code => failed(new Error(`ended with ${code}: ${child.said}`)));
  });
  return {child, address, cwd};
}
const ended = child => new Promise(done => child.exitCode === null && child.signalCode === null ? child.once('exit', done) : done(child.exitCode));

before(async () => {
  rmSync(folder, {recursive: true, force: true});
  browser = await chromium.launch({executablePath: process.env.CALLSHEET_CHROMIUM, args: ['--no-sandbox']});
});
after(async () => {
  await browser?.close();
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
});

/** The page; afterwards nothing may have been complained about or fetched from elsewhere. */
async function onPage(address, options, look, expected = []) {
  const context = await browser.newContext({viewport: {width: 1440, height: 1000}, colorScheme: 'light', bypassCSP: false, ...options});
  const page = await context.newPage();
  const complaints = [], foreign = [];
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('dialog', dialog => { complaints.push('dialog ' + dialog.message()); dialog.dismiss(); });
  page.on('request', request => { if (!request.url().startsWith(address) && !request.url().startsWith('data:')) foreign.push(request.url()); });
  try {
    await page.goto(address);
    await page.waitForSelector('main:not([hidden])');
    await look(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints.filter(text => !expected.some(one => text.includes(one))), []);
  assert.deepEqual(foreign, []);
}
const screenshot = (page, name, fullPage = true) => page.screenshot({path: path.join(out, name + '.png'), fullPage});
async function until(page, holds, what) {
  for (const end = Date.now() + 60_000; !await page.evaluate(holds);) {
    assert.ok(Date.now() < end, `never came true: ${what ?? holds}`);
    await new Promise(resume => setTimeout(resume, 20));
  }
}
const priced = page => page.locator('#offer:not(.stale)').waitFor();
/** As a person drops a picture from the desktop. */
async function drop(page, name, files) {
  const transfer = await page.evaluateHandle(list => {
    const data = new DataTransfer();
    for (const {name, type, base64} of list) data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name, {type}));
    return data;
  }, files.map(({name: file, type, content}) => ({name: file, type, base64: content.toString('base64')})));
  await page.dispatchEvent(`.slot[data-field=${name}] .drop`, 'dragover', {dataTransfer: transfer});
  await page.dispatchEvent(`.slot[data-field=${name}] .drop`, 'drop', {dataTransfer: transfer});
}

test('a form is filled in, a frame dropped, the price seen, and the clip watched', async () => {
  const {child, address, cwd} = await started('watch', {}, 'playground', '--local', '--budget', '60');
  await onPage(address, {}, async page => {
    await priced(page);
    assert.match(await page.textContent('#by'), /^Say what the clip should show/);
    assert.equal(await page.locator('#send').isEnabled(), false);
    assert.equal(await page.locator('.mistake:visible').count(), 0);
    await page.fill('#prompt', 'Rain in a neon street, slow motion');
    await page.locator('#send:enabled').waitFor();
    assert.equal(await page.textContent('#price'), '27');
    // Every answer has its price.
    await page.getByLabel('with sound').check();
    await page.getByText('Make it for 36.018 credits').waitFor();
    await page.getByLabel('1080p').check();
    await page.getByText('Make it for 45.009 credits').waitFor();
    await page.getByLabel('with sound').uncheck();
    await page.getByLabel('720p').check();
    await page.focus('#duration');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.textContent('#duration-shown'), '3 s');
    await page.getByText('Make it for 16.2 credits').waitFor();
    assert.match(await page.textContent('#manifest'), /prompt: "Rain in a neon street, slow motion"\n.*duration: 3\n/);
    // From a picture: first what is none, then one that is dropped.
    await page.getByLabel('Image to video').check();
    await drop(page, 'image_start', [{name: 'notes.png', type: 'image/png', content: Buffer.from('no picture at all')}]);
    await page.getByText(/This is no picture that a model takes/).waitFor();
    await drop(page, 'image_start', [{name: 'sneaker.jpg', type: 'image/jpeg', content: readFileSync(picture('sneaker.jpg'))}]);
    await page.locator('.slot[data-field=image_start] img:visible').waitFor();
    assert.equal(await page.locator('#image_start-mistake').isVisible(), false);
    assert.match(await page.locator('.slot[data-field=image_start] .fact').textContent(), /^1280 × 720, /);
    assert.equal(await page.locator('.slot[data-field=image_start] img').getAttribute('alt'), 'sneaker.jpg');
    await page.setInputFiles('#image_end', picture('sneaker-end.jpg'));
    await page.locator('.slot[data-field=image_end] img:visible').waitFor();
    await page.fill('#prompt', 'White sneakers on a pedestal, slow push-in');
    await page.getByText('Make it for 16.2 credits').waitFor();
    await page.locator('.slot[data-field=image_end] img').evaluate(image => image.decode());
    await page.click('#send');
    await page.locator('.clip').waitFor();
    await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
    await until(page, () => { const video = document.querySelector('.clip video'); return video.readyState >= 2 && video.currentTime > 0.2; }, 'the clip plays');
    assert.match(await page.textContent('.clip .fate'), /Made · 16\.2 credits billed/);
    assert.equal(await page.textContent('#billed'), '16.2');
    await page.getByText('You have this very clip already').waitFor();
    await screenshot(page, 'playground');
    await screenshot(page, 'playground-top', false);
    // Another of the very same is asked for by name.
    assert.equal(await page.locator('#send').isEnabled(), false);
    await page.getByLabel('another one of it').check();
    await page.click('#send');
    await until(page, () => document.querySelectorAll('.clip[data-stage=made]').length === 2);
    assert.equal(await page.textContent('#billed'), '32.4');
    // What was made before fills the form again.
    await page.fill('#prompt', 'something else');
    await page.locator('.clip .again').last().click();
    assert.equal(await page.inputValue('#prompt'), 'White sneakers on a pedestal, slow push-in');
    await page.getByText('You have this very clip already').waitFor();
  }, ['409']);
  child.kill('SIGINT');
  assert.equal(await ended(child), 0, cwd);
});

test('shots have prompts and lengths of their own, or the model plans them', async () => {
  const {address} = await started('shots', {}, 'playground', '--local');
  await onPage(address, {}, async page => {
    await page.fill('#prompt', 'A cold kitchen before sunrise');
    await page.getByLabel('my own shots').check();
    assert.equal(await page.locator('#prompt:visible, #duration:visible').count(), 0);
    assert.equal(await page.getByLabel('Shot 1', {exact: true}).inputValue(), 'A cold kitchen before sunrise');
    await page.getByLabel('Shot 2', {exact: true}).fill('The flame lights');
    await page.getByText('Make it for 27 credits').waitFor();  // 3 s and 2 s
    await page.click('#add-shot');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Shot 3');
    await page.keyboard.type('Two hands around a cup');
    await page.getByText('Make it for 37.8 credits').waitFor();
    assert.equal(await page.textContent('#shots-sum'), '7 s together');
    await page.getByLabel('Seconds of shot 3').fill('0');
    await page.locator('#shots-mistake:visible').waitFor();
    await page.getByLabel('Seconds of shot 3').fill('4');
    await page.getByText('Make it for 48.6 credits').waitFor();
    await page.getByLabel('Remove shot 2').click();
    assert.equal(await page.getByLabel('Shot 2', {exact: true}).inputValue(), 'Two hands around a cup');
    await page.getByText('Make it for 37.8 credits').waitFor();
    for (let more = 0; more < 4; ++more) await page.click('#add-shot');
    assert.equal(await page.locator('#add-shot').isEnabled(), false);  // no model takes more
    for (let less = 0; less < 4; ++less) await page.getByLabel('Remove shot 3').click();
    await page.getByText('Make it for 37.8 credits').waitFor();
    assert.match(await page.textContent('#manifest'), /shots:\n      - \{prompt: "A cold kitchen before sunrise", duration: 3\}\n/);
    await screenshot(page, 'playground-shots');
    await page.click('#send');
    await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
    assert.match(await page.textContent('.clip .facts'), /7 s · 720p · 2 shots/);
    await page.getByLabel('planned by the model').check();
    await page.getByText('Make it for 27 credits').waitFor();
    assert.match(await page.textContent('#manifest'), /shots: auto/);
    await page.locator('.clip .again').click();
    assert.equal(await page.getByLabel('my own shots').isChecked(), true);
    assert.equal(await page.getByLabel('Seconds of shot 2').inputValue(), '4');
    await page.getByText('You have this very clip already').waitFor();
  });
});

test('what others wrote is text, and looks as it was written', async () => {
  const {address} = await started('hostile', {}, 'playground', '--local');
  await onPage(address, {}, async page => {
    await page.fill('#prompt', hostile);
    await page.locator('#send:enabled').waitFor();
    await page.locator('#as-manifest summary').click();
    assert.ok((await page.textContent('#manifest')).includes('<img src=x onerror=alert(1)>'));
    await page.focus('#prompt');
    await page.keyboard.press('Control+Enter');
    await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
    assert.equal(await page.textContent('.clip .prompt'), hostile);
    assert.equal(await page.locator('img[onerror], img[src=x]').count(), 0);
  });
});

test('real money is asked about once more, and mistakes are told where they are', async () => {
  const {address: gateway} = await started('gateway', {}, 'gateway', '--fast');
  const {address, child} = await started('money', {EVOLINK_BASE_URL: gateway, EVOLINK_API_KEY: 'web-key'}, 'playground', '--budget', '30');
  await onPage(address, {}, async page => {
    await page.fill('#prompt', 'x'.repeat(2501));
    await page.selectOption('#model', 'kling-v3-text-to-video');
    await page.locator('#prompt-mistake:visible').waitFor();
    assert.match(await page.textContent('#prompt-mistake'), /2501.*2500/);
    assert.equal(await page.getAttribute('#prompt', 'aria-invalid'), 'true');
    await screenshot(page, 'playground-mistake');
    await page.fill('#prompt', 'A kettle in morning light');
    await page.getByText('Make it for 27 credits').waitFor();
    assert.equal(await page.getAttribute('#prompt', 'aria-invalid'), null);
    await page.click('#send');
    assert.match(await page.textContent('#sure'), /Spend 27 credits\?.*no more than 27 credits/s);
    await screenshot(page, 'playground-sure', false);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.clip').count(), 0);
    await page.click('#send');
    await page.click('#yes');
    await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
    // Beyond the budget nothing can be sent.
    await page.fill('#prompt', 'Another kettle');
    await page.getByText(/It may come to 27 credits, and 3 of the session's budget are left/).waitFor();
    assert.equal(await page.locator('#send').isEnabled(), false);
    // What ends while its page looks on is told.
    child.kill('SIGTERM');
    await page.getByText('The playground has ended.').waitFor();
  }, ['ERR_CONNECTION_REFUSED']);  // of a video that goes on loading
  const bill = await (await fetch(`${gateway}/audit`, {headers: {Authorization: 'Bearer web-key'}})).json();
  assert.equal(bill.totals.charged_uc, 270_000);
});

test('another site gets nothing of it and sends nothing', async () => {
  const {address} = await started('evil', {}, 'playground', '--local');
  const evil = http.createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html>')).listen(0, '127.0.0.1');
  await new Promise(done => evil.once('listening', done));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  const outcomes = await page.evaluate(async ({address, token}) => {
    const order = JSON.stringify({form: {mode: 'text-to-video', prompt: 'x', duration: 3}, most: 216000});
    const headers = {'Content-Type': 'application/json', 'X-Callsheet-Token': token};
    const tries = [['send', {method: 'POST', mode: 'no-cors', body: order}], ['send', {method: 'POST', body: order, headers}],
      ['frame/00000000000000aa/0/1', {method: 'POST', body: new Blob(['x']), headers: {...headers, 'Content-Type': 'application/octet-stream'}}], ['state', {}]];
    return Promise.all(tries.map(([path, how]) => fetch(address + path, how).then(answer => answer.type, () => 'refused')));
  }, {address, token: new URL(address).pathname.replaceAll('/', '')});
  assert.deepEqual(outcomes, ['refused', 'refused', 'refused', 'refused']);
  await page.close();
  evil.close();
  assert.deepEqual((await (await fetch(address + 'state')).json()).sends, []);
});

for (const [scheme, width] of [['light', 1440], ['dark', 1024], ['dark', 390]])
  test(`without barriers, by keyboard: ${scheme}, ${width} wide`, async () => {
    const {address} = await started(`${scheme}-${width}`, {}, 'playground', '--local');
    await onPage(address, {viewport: {width, height: 900}, colorScheme: scheme, reducedMotion: 'reduce', bypassCSP: true}, async page => {
      await priced(page);
      await assertNoBarriers(page, 'empty');
      await page.getByLabel('Image to video').check();
      await page.setInputFiles('#image_start', picture('kettle.jpg'));
      await page.fill('#prompt', 'A kettle in morning light');
      await page.locator('#send:enabled').waitFor();
      for (const one of ['#more', '#as-manifest', '#cannot']) await page.locator(`${one} > summary`).click();
      await assertNoBarriers(page, 'filled in');
      const reached = new Set();
      await page.focus('#prompt');
      for (let i = 0; i < 30; ++i) {
        await page.keyboard.press('Tab');
        reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.className));
      }
      for (const name of ['duration', 'quality', 'model', 'send', 'negative_prompt', 'manifest', 'copy', 'image_start', 'remove', 'mode']) assert.ok(reached.has(name), `${name} of ${[...reached]}`);
      await page.focus('#send');
      await page.keyboard.press('Enter');
      await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
      assert.equal(await page.locator('.clip video').evaluate(video => video.paused), true);  // motion is not welcome
      await assertNoBarriers(page, 'made');
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, `${wider} px wider than the window`);
      await screenshot(page, `playground-${scheme}-${width}`);
    });
  });
