// The campaign report in a real browser, from disk: node --test, see CMakeLists.txt for the environment.
//   CALLSHEET_WRITE_SAMPLE  the program that writes the sample report
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import path from 'node:path';
import {before, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {assertNoBarriers} from './axe.mjs';
import {firstFrame, onPageAt, out, screenshot, until} from './browser.mjs';
import {makeClips, makeStills, readReport} from './clips.mjs';

const onPage = (options, look) => onPageAt(pathToFileURL(path.join(out, 'report.html')).href, options, look);
let report;

before(() => {
  execFileSync(process.env.CALLSHEET_WRITE_SAMPLE, [out]);
  report = readReport(out);
  makeClips(report, path.join(out, 'clips'));
  makeStills(report, path.join(out, 'clips'));
});

const cards = page => page.locator('.card:visible');
const shots = page => page.locator('a.shot');  // of clips that are there

/** Pictures load as they come into view: bring every one into view once, and wait until it can be seen. */
async function loadFrames(page) {
  for (const shot of await shots(page).all()) {
    await shot.scrollIntoViewIfNeeded();
    if (await shot.locator('.poster').count()) await shot.locator('.poster').evaluate(poster => poster.decode());
    else await firstFrame(shot.locator('video'));
  }
  await page.evaluate(() => scrollTo(0, 0));
}

test('every clip of the report is found on disk, in its own shape', () => onPage({}, async page => {
  await loadFrames(page);
  const shapes = await page.locator('.card video, .card .poster').evaluateAll(all => all.map(one => ({
    name: decodeURIComponent(one.src), real: (one.videoWidth ?? one.naturalWidth) / (one.videoHeight ?? one.naturalHeight),
    shown: one.clientWidth / one.clientHeight})));
  assert.equal(shapes.length, report.clips.filter(clip => clip.file).length);
  for (const {name, real, shown} of shapes) assert.ok(Math.abs(real / shown - 1) < 0.02, `${name}: ${real} shown as ${shown}`);
  assert.equal(await page.locator('.shot.lost').count(), 0);
  await screenshot(page, 'desktop', {fullPage: true});
}));

test('posters show the clips, and no clip is opened for that but those without one as they come into view', () => onPage({viewport: {width: 1440, height: 300}}, async page => {
  const opened = [];
  page.on('request', request => { if (request.url().endsWith('.mp4')) opened.push(request.url()); });
  const withPoster = report.clips.filter(clip => clip.file?.poster), without = report.clips.filter(clip => clip.file && !clip.file.poster);
  assert.ok(withPoster.length > 3 && without.length > 2);
  assert.equal(await page.locator('.poster').count(), withPoster.length);
  for (const shot of await page.locator('a.shot:has(.poster)').all()) {
    await shot.scrollIntoViewIfNeeded();
    assert.ok(await shot.locator('.poster').evaluate(poster => poster.decode().then(() => poster.naturalWidth > 0)));
  }
  assert.equal(await page.locator('a.shot:has(.poster) video').count(), 0);
  await page.locator('a.shot:not(:has(.poster))').last().scrollIntoViewIfNeeded();
  await page.waitForSelector('a.shot:not(:has(.poster)) video', {state: 'attached'});
  assert.deepEqual(opened.filter(url => withPoster.some(clip => decodeURIComponent(url).endsWith('/' + clip.file.path))), []);
}));

test('a poster that is gone gives way to the first frame of its clip', () => onPage({prepare: page => page.route(/sneaker-square-1\.poster\.jpg/, route => route.abort()), expected: [/ERR_FAILED/]}, async page => {
  const shot = page.locator('.card', {hasText: 'sneaker-square'}).locator('a.shot');
  await shot.scrollIntoViewIfNeeded();
  await until(shot.locator('video'), video => video.readyState >= 1);
  assert.equal(await shot.locator('.poster').count(), 0);
}));

test('without a script the page shows the posters', () => onPage({javaScriptEnabled: false}, async page => {
  await shots(page).first().scrollIntoViewIfNeeded();
  const picture = await shots(page).first().screenshot();
  const plain = await page.locator('.tile').first().screenshot();
  assert.ok(picture.length > plain.length, 'no picture there');
}));

test('filmstrips instead of posters: the course of every clip, and a frame opens it at its place', () => onPage({}, async page => {
  await page.selectOption('#picture', 'strips');
  const strips = page.locator('.frames');
  assert.equal(await strips.count(), report.clips.filter(clip => clip.file?.filmstrip).length);
  const shapes = await strips.evaluateAll(all => Promise.all(all.slice(0, 4).map(async strip => {
    strip.loading = 'eager';
    await strip.decode();
    return {real: strip.naturalWidth / strip.naturalHeight, shown: strip.clientWidth / strip.clientHeight};
  })));
  for (const {real, shown} of shapes) assert.ok(Math.abs(real / shown - 1) < 0.05, `${real} shown as ${shown}`);
  await page.locator('#clips').scrollIntoViewIfNeeded();
  await screenshot(page, 'filmstrips', {fullPage: true});
  const {width, height} = await strips.first().boundingBox();
  await strips.first().click({position: {x: width * 0.8, y: height / 2}});
  await until(page.locator('#viewer video'), video => video.currentTime > 1.4 && video.currentTime < 2);
  await page.keyboard.press('Escape');
  await page.selectOption('#picture', '');
  assert.equal(await strips.count(), 0);
}));

test('the frames under a large clip lead to their places', () => onPage({reducedMotion: 'reduce'}, async page => {
  await shots(page).first().click();
  const video = page.locator('#viewer video'), strip = page.locator('.filmstrip img');
  await until(video, element => element.readyState >= 2);
  assert.equal(await video.evaluate(element => decodeURIComponent(element.poster).endsWith('.poster.jpg')), true);
  await strip.evaluate(image => image.decode());
  const {width, height} = await strip.boundingBox();
  await strip.click({position: {x: width / 4, y: height / 2}});
  await until(video, element => !element.seeking && Math.abs(element.currentTime - 0.5) < 0.1);
  await until(page.locator('.filmstrip .place'), place => Math.abs(place.style.getPropertyValue('--at') - 0.25) < 0.05);
  await screenshot(page, 'large-filmstrip');
}));

test('a row of clips is equally high, whatever their shapes', () => onPage({}, async page => {
  const heights = await page.locator('.row').first().locator('.shot').evaluateAll(frames => {
    const top = frames[0].getBoundingClientRect().top;
    return frames.filter(frame => frame.getBoundingClientRect().top === top).map(frame => frame.clientHeight);
  });
  assert.ok(heights.length >= 3, String(heights));
  assert.ok(Math.max(...heights) - Math.min(...heights) <= 2, String(heights));
}));

test('a clip plays under the pointer, muted, and rests when it is left', () => onPage({}, async page => {
  const shot = shots(page).first(), video = shot.locator('video');
  await shot.hover();
  await until(video, element => element.currentTime > 0.2);
  assert.equal(await video.evaluate(element => element.muted), true);
  await page.mouse.move(2, 2);
  await video.waitFor({state: 'detached'});
  assert.equal(await shot.locator('.poster').isVisible(), true);
  const bare = page.locator('a.shot:not(:has(.poster))').first();
  await bare.hover();
  await until(bare.locator('video'), element => element.currentTime > 0.2);
  await page.mouse.move(2, 2);
  await until(bare.locator('video'), element => element.paused);
  assert.equal(await bare.locator('video').evaluate(element => element.currentTime), 0);
}));

test('a pointer that comes before the clip was loaded plays it', () => onPage({}, async page => {
  const loaded = await page.evaluate(() => {
    const shot = [...document.querySelectorAll('a.shot')].at(-1);  // far below: nothing has loaded it yet
    const before = shot.querySelector('video') !== null;
    shot.dispatchEvent(new PointerEvent('pointerenter', {pointerType: 'mouse'}));
    return before;
  });
  assert.equal(loaded, false);
  await until(shots(page).last().locator('video'), element => element.currentTime > 0.2);
}));

test('who asked for less motion gets none, and goes through the frames with the pointer', () => onPage({reducedMotion: 'reduce'}, async page => {
  const shot = shots(page).first();
  await shot.scrollIntoViewIfNeeded();
  const {x, y, width, height} = await shot.boundingBox();
  const frameAt = async place => {
    await page.mouse.move(x + width * place, y + height / 2);
    return shot.locator('.scrubbed').evaluate(strip => Math.round(new DOMMatrix(getComputedStyle(strip).transform).e / strip.parentElement.clientWidth));
  };
  assert.deepEqual([await frameAt(0.05), await frameAt(0.55), await frameAt(0.99)], [0, -4, -7]);
  assert.equal(await shot.locator('video').count(), 0);
  await page.mouse.move(2, 2);
  await shot.locator('.scrubbed').waitFor({state: 'detached'});
  const bare = page.locator('a.shot:not(:has(.poster))').first();
  await bare.hover();
  await until(bare.locator('video'), element => element.readyState >= 1);
  assert.equal(await bare.locator('video').evaluate(element => element.paused), true);
}));

test('find, status and groups', () => onPage({}, async page => {
  const all = report.clips.length;
  assert.equal(await cards(page).count(), all);
  await page.fill('#find', 'KETTLE portrait');
  const wanted = report.clips.filter(clip => clip.task === 'kettle-portrait').length;
  assert.equal(await cards(page).count(), wanted);
  assert.equal(await page.textContent('#shown'), `${wanted} of ${all}`);
  await page.fill('#find', '');
  const tagged = report.clips.filter(clip => clip.tags.includes('paid <b>')).length;
  await page.selectOption('#tag', 'paid <b>');
  assert.equal(await cards(page).count(), tagged);
  assert.ok(tagged > 0 && tagged < report.clips.length);
  await page.selectOption('#tag', '');
  await page.fill('#find', 'nothing is called that');
  assert.equal(await cards(page).count(), 0);
  await page.click('#reset');
  assert.equal(await cards(page).count(), all);

  for (const status of ['made', 'mismatched', 'reused', 'failed', 'in_doubt', 'waiting', 'skipped', 'outstanding']) {
    await page.selectOption('#status', status);
    assert.equal(await cards(page).count(), report.totals[status], status);
  }
  await page.selectOption('#status', '');
  await page.click('.pick[data-pick=failed]');
  assert.equal(await cards(page).count(), report.totals.failed);
  await page.click('.pick[data-pick=failed]');

  const heads = () => page.locator('.group-head:visible bdi').allTextContents();
  assert.deepEqual(await heads(), ['sneaker', 'kettle', 'headphones']);
  await page.selectOption('#group', {label: 'format'});
  assert.deepEqual(await heads(), ['landscape', 'square', 'portrait']);
  await page.selectOption('#group', {label: 'model'});
  assert.deepEqual((await heads()).sort(), ['kling-o3-image-to-video', 'kling-v3-image-to-video', 'no model']);
  await page.selectOption('#group', {label: 'nothing'});
  assert.deepEqual(await heads(), []);
  assert.equal(await cards(page).count(), all);
}));

test('a clip opens large, and the keyboard goes through them', () => onPage({}, async page => {
  await shots(page).first().focus();
  await page.keyboard.press('Enter');
  await until(page.locator('#viewer video'), element => element.currentTime > 0);
  assert.equal(await page.locator('#viewer video').evaluate(video => video.controls), true);
  assert.equal(await page.textContent('#place'), `1 of ${report.clips.length}`);
  await screenshot(page, 'large');
  await page.locator('#next').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.textContent('#place'), `2 of ${report.clips.length}`);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#viewer').evaluate(viewer => viewer.open), false);
  await page.locator('#viewer video').waitFor({state: 'detached'});
  await until(page.locator('body'), () => document.activeElement.className === 'shot');
}));

test('a hostile prompt is shown as text and does nothing', () => onPage({}, async page => {
  const clip = report.clips.find(entry => entry.request.prompt.includes('<script>'));
  await page.locator('.card', {hasText: clip.task}).locator('.shot').click();
  assert.equal(await page.locator('#viewer dd').first().textContent(), clip.request.prompt);
  assert.equal(await page.title(), `${report.campaign} · callsheet report`);
  assert.equal(await page.locator('script').count(), 1);
  assert.equal(await page.locator('img:not(.poster)').count(), 0);
  assert.ok(await page.locator('#viewer').evaluate(viewer => viewer.scrollWidth <= viewer.clientWidth));
  await screenshot(page, 'hostile');
}));

test('the sums shown are those of report.json, and the ledger adds up to them', () => onPage({}, async page => {
  for (const kind of ['billed', 'held', 'refund_expected', 'committed'])
    assert.equal(await page.textContent(`[data-total=${kind}]`), report.totals[kind].credits, kind);
  assert.equal(await page.textContent('[data-total=cap]'), report.cap.credits);
  for (const status of ['made', 'mismatched', 'reused', 'failed', 'in_doubt', 'waiting', 'skipped', 'outstanding'])
    assert.equal(await page.textContent(`[data-count=${status}]`), String(report.totals[status]), status);

  const units = text => {
    const [whole, fraction = ''] = text.trim().split('.');
    return Number(whole) * 10000 + Number(fraction.padEnd(4, '0'));
  };
  const rows = await page.locator('.ledger tbody tr').evaluateAll(
    list => list.map(row => [...row.querySelectorAll('.n')].map(cell => cell.textContent)));
  assert.equal(rows.length, report.totals.attempts);
  for (const [column, kind] of ['billed', 'held', 'refund_expected'].entries()) {
    assert.equal(rows.reduce((sum, row) => sum + units(row[column]), 0), report.totals[kind].units, kind);
    assert.equal(await page.textContent(`[data-sum=${kind}]`), report.totals[kind].credits, kind);
  }
}));

test('no barriers, in both colour schemes and in each view', async () => {
  for (const colorScheme of ['light', 'dark'])
    await onPage({colorScheme, bypassCSP: true, reducedMotion: 'reduce'}, async page => {
      await loadFrames(page);
      await screenshot(page, colorScheme);
      await shots(page).first().hover();
      await assertNoBarriers(page, colorScheme);
      await page.locator('.pick-clip').nth(0).click();
      await page.locator('.pick-clip').nth(1).click();
      await assertNoBarriers(page, colorScheme + ', two picked');
      await page.click('#tray-compare');
      await assertNoBarriers(page, colorScheme + ', side by side');
      await page.keyboard.press('Escape');
      await shots(page).first().click();
      await assertNoBarriers(page, colorScheme + ', large');
    });
});

test('the course of the run: an attempt a bar, as the ledger has them, and each leads to its clip', () => onPage({}, async page => {
  const bars = page.locator('.course rect');
  assert.equal(await bars.count(), report.totals.attempts);
  const outcomes = await page.locator('.ledger tbody .status').evaluateAll(all => all.map(one => one.dataset.status));
  assert.deepEqual((await bars.evaluateAll(all => all.map(bar => bar.dataset.status))).sort(), outcomes.sort());
  const {right, ends} = await page.locator('.course').evaluate(chart => ({right: chart.getBoundingClientRect().right,
    ends: [...chart.querySelectorAll('rect')].map(bar => bar.getBoundingClientRect().right)}));
  assert.ok(Math.max(...ends) <= right + 1, `${ends} in ${right}`);
  const bar = bars.filter({hasText: 'kettle-portrait · take 1: failed'}).first();
  await bar.click();
  assert.equal(await page.textContent('#viewer-title'), 'kettle-portrait · take 1');
}));

test('clips side by side play as one', () => onPage({}, async page => {
  await page.locator('.group-head:visible', {hasText: 'kettle'}).getByRole('button').click();
  const videos = page.locator('#comparison video');
  const there = report.clips.filter(clip => clip.file && clip.task.includes('kettle')).length;
  assert.equal(await videos.count(), there);
  await until(videos.first(), element => element.currentTime > 0.5);
  const apart = async () => {
    const times = await videos.evaluateAll(all => all.map(video => video.currentTime));
    return Math.max(...times) - Math.min(...times);
  };
  for (const end = Date.now() + 10_000; await apart() > 0.3;) assert.ok(Date.now() < end, String(await apart()));
  await page.keyboard.press(' ');
  await until(videos.last(), element => element.paused);
  assert.equal(await page.textContent('#comparison-play'), 'Play');
  await page.locator('#comparison-time').fill('500');
  await until(videos.first(), element => !element.seeking);
  assert.ok(await apart() < 0.1, String(await apart()));
  await screenshot(page, 'side-by-side');
  await page.keyboard.press('Escape');
  await videos.first().waitFor({state: 'detached'});

  for (const number of [0, 3]) await page.locator('.pick-clip').nth(number).click();
  assert.equal(await page.textContent('#tray-count'), '2 clips');
  await page.click('#tray-compare');
  assert.equal(await videos.count(), 2);
  await page.click('#comparison-close');
  await page.click('#tray-clear');
  assert.equal(await page.isVisible('#tray'), false);
}));

test('nothing sticks out on a phone', () => onPage({viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true}, async page => {
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(await wide(), 390);
  await loadFrames(page);
  await screenshot(page, 'phone', {fullPage: true});
  await shots(page).first().tap();
  await page.waitForSelector('#viewer[open] video');
  assert.equal(await wide(), 390);
  await screenshot(page, 'phone-large');
}));

test('the page prints without its controls, and with every poster, seen before or not', () => onPage({viewport: {width: 1440, height: 300}}, async page => {
  await page.emulateMedia({media: 'print'});
  assert.equal(await page.isVisible('#filters'), false);
  assert.equal(await page.isVisible('.ledger tfoot'), true);
  const printed = await page.pdf({path: path.join(out, 'report.pdf'), format: 'A4', printBackground: true});
  const pictures = printed.toString('latin1').match(/\/Subtype \/Image/g) ?? [];
  assert.ok(pictures.length >= report.clips.filter(clip => clip.file?.poster).length, `${pictures.length} pictures`);
}));
