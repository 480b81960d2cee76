// The storyboard of a preview in a real browser, from disk: node --test, see CMakeLists.txt for the environment.
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {assertNoBarriers} from './axe.mjs';
import {onPageAt, out, screenshot, until} from './browser.mjs';
import {Program} from './program.mjs';

const program = new Program(path.join(out, 'storyboard'));
const hostile = '<img src=x onerror=alert(1)>';
let address;

before(() => {
  writeFileSync(path.join(program.folder, 'campaign.yaml'), `version: 1
campaign: spring-sneakers
budget: {cap: 400 credits}
defaults: {duration: 3, quality: 720p}
tasks:
  - {name: harbour, prompt: '${hostile}', tags: [hero]}
  - {name: street, prompt: "Steps through rain in a neon street", aspect_ratio: "9:16"}
  - name: story
    shots: [{prompt: "The box opens", duration: 1}, {prompt: "A shoe in a window, evening sun", duration: 2}]
`);
  address = pathToFileURL(program.run(['preview', 'campaign.yaml'])).href;
});
const onPage = (options, look) => onPageAt(address, options, look);

test('shots are as wide as they are long, and what others wrote is text', () => onPage({}, async page => {
  assert.equal(await page.locator('.board').count(), 3);
  assert.equal(await page.locator('.prompt').first().textContent(), hostile);
  const widths = await page.locator('.board', {hasText: 'The box opens'}).locator('.shots rect')
    .evaluateAll(bars => bars.map(bar => bar.getBoundingClientRect().width));
  assert.ok(Math.abs(widths[1] / widths[0] - 2) < 0.05, String(widths));
  await screenshot(page, 'storyboard', {fullPage: true});
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
