// Barriers that axe-core finds on a page: rules of WCAG 2.2, levels A and AA, and of good practice.
import axe from 'axe-core';
import assert from 'node:assert/strict';

/** The page's context must have been opened with bypassCSP: axe is put in from outside. */
export async function assertNoBarriers(page, where) {
  await page.evaluate(axe.source);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ['violations']}));
  assert.deepEqual(violations.map(({id, help, nodes}) =>
    `${id}: ${help}: ${nodes.map(node => `${node.target.join(' ')} (${node.any.concat(node.all).map(check => check.message).join('; ')})`).join(', ')}`), [], where);
}
