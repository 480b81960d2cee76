// The playground in a real browser, served by the built program: node --test, see CMakeLists.txt for the environment.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {assertNoBarriers} from './axe.mjs';
import {browser, onPageAt, out, screenshot, until} from './browser.mjs';
import {Program, ended} from './program.mjs';

const picture = name => fileURLToPath(new URL(`../../manifests/images/${name}`, import.meta.url));
const hostile = '<img src=x onerror=alert(1)> {{ campaign }} & "quotes" </script>';

/** A playground in a folder of its own, and where it is. */
async function started(name, environment, ...flags) {
  const program = new Program(path.join(out, 'playground', name), environment);
  return {program, ...await program.start(['playground', ...flags])};
}
/** One that spends money at a gateway of its own. */
async function startedAtGateway(name, scale, ...flags) {
  const gateway = await new Program(path.join(out, 'playground', `${name}-gateway`)).gateway(scale, '--fast');
  return {gateway, ...await started(name, {EVOLINK_BASE_URL: gateway}, ...flags)};
}
const onPage = (address, options, look) => onPageAt(address, {ready: 'main:not([hidden])', viewport: {width: 1440, height: 1000}, ...options}, look);
const whole = {fullPage: true};
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
  const {child, address, program} = await started('watch', {}, '--local', '--budget', '60');
  await onPage(address, {expected: [/409/]}, async page => {
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
    await screenshot(page, 'playground', whole);
    await screenshot(page, 'playground-top');
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
  });
  child.kill('SIGINT');
  assert.equal(await ended(child), 0, program.folder);
});

test('shots have prompts and lengths of their own, or the model plans them', async () => {
  const {address} = await started('shots', {}, '--local');
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
    await screenshot(page, 'playground-shots', whole);
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
  const {address} = await started('hostile', {}, '--local');
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
  const {gateway, address, child} = await startedAtGateway('money', 0, '--budget', '30');
  // A video that goes on loading when the page's server ends.
  await onPage(address, {expected: [/ERR_CONNECTION_REFUSED/]}, async page => {
    await page.fill('#prompt', 'x'.repeat(2501));
    await page.selectOption('#model', 'kling-v3-text-to-video');
    await page.locator('#prompt-mistake:visible').waitFor();
    assert.match(await page.textContent('#prompt-mistake'), /2501.*2500/);
    assert.equal(await page.getAttribute('#prompt', 'aria-invalid'), 'true');
    await screenshot(page, 'playground-mistake', whole);
    await page.fill('#prompt', 'A kettle in morning light');
    await page.getByText('Make it for 27 credits').waitFor();
    assert.equal(await page.getAttribute('#prompt', 'aria-invalid'), null);
    await page.click('#send');
    assert.match(await page.textContent('#sure'), /Spend 27 credits\?.*no more than 27 credits/s);
    await screenshot(page, 'playground-sure');
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
  });
  const bill = await (await fetch(`${gateway}/audit`, {headers: {Authorization: 'Bearer web-key'}})).json();
  assert.equal(bill.totals.charged_uc, 270_000);
});

test('while an order is under way there is no other, and one that nobody answered is the same when it comes again', async () => {
  const {address} = await started('twice', {}, '--local', '--budget', '300');
  const sends = async () => (await (await fetch(address + 'state')).json()).sends;
  await onPage(address, {expected: [/ERR_FAILED/]}, async page => {
    await page.fill('#prompt', 'One kettle');
    await page.locator('#send:enabled').waitFor();
    await page.click('#send');
    await page.locator('.clip').waitFor();
    await page.fill('#prompt', 'Another kettle');
    await page.locator('#send:enabled').waitFor();
    let goOn, held = new Promise(resume => { goOn = resume; });
    await page.route('**/send', async route => { await held; await route.continue(); });
    await page.click('#send');
    // The page is drawn anew meanwhile, as whenever some clip moves on.
    await page.evaluate(() => { drawQuote(); draw(state); });
    assert.equal(await page.locator('#send').isEnabled(), false);
    await page.focus('#prompt');
    await page.keyboard.press('Control+Enter');
    goOn();
    await until(page, () => document.querySelectorAll('.clip[data-stage=made]').length === 2);
    assert.equal((await sends()).length, 2);
    // The third is taken, and its answer lost.
    await page.unroute('**/send');
    await page.getByText('You have this very clip already').waitFor();
    await page.getByLabel('another one of it').check();
    let lost = 0;
    await page.route('**/send', async route => {
      const response = await route.fetch();
      return lost++ ? route.fulfill({response}) : route.abort();
    });
    await page.click('#send');
    await page.locator('#refused:visible').waitFor();
    await page.locator('#send:enabled').waitFor();
    await page.click('#send');
    await until(page, () => document.querySelectorAll('.clip[data-stage=made]').length === 3);
    assert.equal(lost, 2);
    assert.equal((await sends()).length, 3);
  });
});

test('before what was interrupted is gone on with, real money is asked about once more', async () => {
  const {gateway, address, program} = await startedAtGateway('goes-on', 0.1, '--budget', '40');
  await onPage(address, {}, async page => {
    await page.fill('#prompt', 'A kettle in morning light');
    await page.locator('#send:enabled').waitFor();
    await page.click('#send');
    await page.click('#yes');
    await page.locator('.clip[data-stage=making]').waitFor();
    const [{run}] = (await (await fetch(address + 'state')).json()).sends;
    process.kill(JSON.parse(program.run(['status', run, '--json'])).process, 'SIGKILL');
    await page.locator('.clip[data-stage=outstanding]').waitFor();
    await page.click('.go-on');
    assert.match(await page.textContent('#sure'), /Spend up to 9 credits more\?.*come to 27 credits.*no more than 36 credits in all/s);
    await screenshot(page, 'playground-go-on');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.clip[data-stage=outstanding]').count(), 1);
    await page.click('.go-on');
    await page.click('#yes');
    await page.locator('.clip[data-stage=made] video').waitFor({timeout: 60_000});
    assert.match(await page.textContent('.clip .fate'), /Made · 27 credits billed/);
  });
  const bill = await (await fetch(`${gateway}/audit`, {headers: {Authorization: 'Bearer web-key'}})).json();
  assert.equal(bill.totals.charged_uc, 270_000);
});

test('another site gets nothing of it and sends nothing', async () => {
  const {address} = await started('evil', {}, '--local');
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
    const {address} = await started(`${scheme}-${width}`, {}, '--local');
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
      await screenshot(page, `playground-${scheme}-${width}`, whole);
    });
  });
