// The storyboard of a preview in a real browser, from disk: node --test, see CMakeLists.txt for the environment.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';
import {assertNoBarriers} from './axe.mjs';

const out = path.resolve(process.env.CALLSHEET_WEB_OUT ?? 'web-out');
const folder = path.join(out, 'storyboard');
const hostile = '<img src=x onerror=alert(1)>';
let browser, address;

before(async () => {
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  writeFileSync(path.join(folder, 'campaign.yaml'), `version: 1
campaign: spring-sneakers
budget: {cap: 400 credits}
defaults: {duration: 3, quality: 720p}
tasks:
  - {name: harbour, prompt: '${hostile}', tags: [hero]}
  - {name: street, prompt: "Steps through rain in a neon street", aspect_ratio: "9:16"}
  - name: story
    shots: [{prompt: "The box opens", duration: 1}, {prompt: "A shoe in a window, evening sun", duration: 2}]
`);
  const page = execFileSync(process.env.CALLSHEET_PROGRAM, ['preview', 'campaign.yaml'], {cwd: folder, stdio: ['ignore', 'pipe', 'pipe']});
  address = pathToFileURL(page.toString().trim()).href;
  browser = await chromium.launch({executablePath: process.env.CALLSHEET_CHROMIUM, args: ['--no-sandbox']});
});
after(() => browser?.close());

/** Runs `look` on the open page; afterwards nothing may have been complained about or fetched from elsewhere. */
async function onPage(options, look) {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'light', ...options});
  const page = await context.newPage();
  const complaints = [];
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('dialog', dialog => { complaints.push('dialog ' + dialog.message()); dialog.dismiss(); });
  page.on('request', request => { if (!request.url().startsWith('file:')) complaints.push(request.url()); });
  await page.goto(address);
  await look(page);
  assert.deepEqual(complaints, []);
  await context.close();
}

async function until(locator, holds) {
  for (const end = Date.now() + 15_000; !await locator.evaluate(holds);) {
    assert.ok(Date.now() < end, `never came true: ${holds}`);
    await new Promise(resume => setTimeout(resume, 30));
  }
}

test('shots are as wide as they are long, and what others wrote is text', () => onPage({}, async page => {
  assert.equal(await page.locator('.board').count(), 3);
  assert.equal(await page.locator('.prompt').first().textContent(), hostile);
  const widths = await page.locator('.board', {hasText: 'The box opens'}).locator('.shots rect')
    .evaluateAll(bars => bars.map(bar => bar.getBoundingClientRect().width));
  assert.ok(Math.abs(widths[1] / widths[0] - 2) < 0.05, String(widths));
  await page.screenshot({path: path.join(out, 'storyboard.png'), fullPage: true});
}));

test('a drawing plays under the pointer, and all of them one after the other', () => onPage({}, async page => {
  await page.locator('a.frame').first().hover();
  await until(page.locator('a.frame').first(), frame => frame.querySelector('video')?.currentTime > 0.2);
  await page.click('#play-all');
  assert.equal(await page.textContent('#theatre-place'), '1 of 3');
  await until(page.locator('#theatre-video'), video => video.duration > 0);
  await page.locator('#theatre-video').evaluate(video => { video.currentTime = video.duration - 0.1; });
  await until(page.locator('#theatre-place'), place => place.textContent === '2 of 3');
  await page.keyboard.press('Escape');
  await page.locator('#theatre').waitFor({state: 'hidden'});
}));

test('no barriers, in both colour schemes, and nothing sticks out on a phone', async () => {
  for (const colorScheme of ['light', 'dark'])
    await onPage({colorScheme, bypassCSP: true, reducedMotion: 'reduce'}, async page => {
      await assertNoBarriers(page, colorScheme);
      await page.locator('a.frame').nth(1).click();
      await assertNoBarriers(page, colorScheme + ', large');
    });
  await onPage({viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true}, async page => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  });
});
