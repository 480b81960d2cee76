// A real browser, and pages in it that must behave.
//   CALLSHEET_CHROMIUM  the browser
//   CALLSHEET_WEB_OUT   folder for what the pages show and for the screenshots (kept between runs)
import assert from 'node:assert/strict';
import path from 'node:path';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';

export const out = path.resolve(process.env.CALLSHEET_WEB_OUT ?? 'web-out');
export let browser;

before(async () => {
  browser = await chromium.launch({executablePath: process.env.CALLSHEET_CHROMIUM, args: ['--no-sandbox']});
});
after(() => browser?.close());

/**
 * Runs `look` on the page at `address`; afterwards it may have complained about nothing but what is `expected`
 * (patterns), and fetched nothing from elsewhere. `prepare`: on the page before it is loaded. `ready`: what there must
 * be before anyone looks. All else: the browser's context.
 */
export async function onPageAt(address, {prepare, ready, expected = [], ...options}, look) {
  const context = await browser.newContext({viewport: {width: 1440, height: 900}, colorScheme: 'light', ...options});
  const page = await context.newPage();
  const home = address.startsWith('file:') ? 'file:' : address;
  const complaints = [], foreign = [];
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('dialog', dialog => { complaints.push('dialog ' + dialog.message()); dialog.dismiss(); });
  page.on('request', request => { if (!request.url().startsWith(home)) foreign.push(request.url()); });
  try {
    await prepare?.(page);
    await page.goto(address);
    if (ready) await page.waitForSelector(ready);
    await look(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints.filter(text => !expected.some(pattern => pattern.test(text))), []);
  assert.deepEqual(foreign, []);
}

/** Waits until `holds` is true of a page or an element. Playwright's own waitForFunction evaluates text, which the pages' policy forbids. */
export async function until(target, holds, what) {
  for (const end = Date.now() + 60_000; !await target.evaluate(holds);) {
    assert.ok(Date.now() < end, `never came true: ${what ?? holds}`);
    await new Promise(resume => setTimeout(resume, 20));
  }
}

/** Waits until a video has something to show. */
export const firstFrame = video => video.evaluate(element => element.readyState >= 2 ? 0 :
  new Promise((done, lost) => { element.onloadeddata = done; element.onerror = lost; element.preload = 'auto'; }));

export const screenshot = (page, name, options = {}) => page.screenshot({path: path.join(out, name + '.png'), ...options});

/** What so many presses of Tab have reached: ids, else classes. */
export async function reachedByTab(page, presses) {
  const reached = new Set();
  for (let i = 0; i < presses; ++i) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className));
  }
  return reached;
}

/** Controls that nobody could name. */
export const nameless = page => page.evaluate(() => [...document.querySelectorAll('button, textarea, video:not(button video)')].filter(element =>
  !element.textContent.trim() && !element.labels?.length && !element.getAttribute('aria-label')).map(element => element.outerHTML));
