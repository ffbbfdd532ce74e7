/** The shopper deletes the conversation: asked first, gone everywhere, and kept where that fails. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { filesWith } from '../support/disk.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem } from '../support/system.mjs';

/** @typedef {import('playwright-core').Page} Page */

const scenario = stage(startSystem);

/** A word that no page of the shop and no other test has. */
const WORD = 'glockenspiel';

/** What the chat keeps in the browser. @param {Page} page */
const stored = (page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('aisle')));

scenario('a deleted conversation is gone from the page, the browser and the worker', {
  engine: false,
}, async ({ page, chat, shop, system }) => {
  await page.goto(shop);
  await chat.open();
  assert.equal(await chat.delete.count(), 0, 'there is nothing to delete yet');
  await chat.send(`do you ship a ${WORD} to Norway?`);
  await chat.answered();
  assert.notDeepEqual(filesWith(system.worker.disk, WORD), []);
  assert.deepEqual((await stored(page)).sort(), ['aisle:demo:conversation', 'aisle:demo:session']);

  await chat.delete.click();
  await chat.focusReaches('.deletion .chip:not(.chip--danger)');
  await page.keyboard.press('Escape');
  await chat.focusReaches('.header [aria-label="Delete conversation"]');
  assert.equal(await chat.questions.count(), 1, 'nothing is deleted unasked');

  await chat.delete.click();
  await chat.deletion.getByRole('button', { name: 'Delete conversation' }).click();
  await chat.notice.filter({ hasText: 'The conversation was deleted.' }).waitFor();
  await chat.focusReaches('.composer__input');
  assert.equal(await chat.questions.count(), 0);
  assert.equal(await chat.delete.count(), 0);
  assert.deepEqual(await stored(page), []);
  const text = await chat.panel.evaluate((panel) => panel.textContent);
  assert.doesNotMatch(text ?? '', new RegExp(WORD));
  await eventually('no byte of it is left', () => filesWith(system.worker.disk, WORD).length === 0);

  await chat.send('Where do you deliver?');
  await chat.answered();
  assert.equal(await chat.notice.count(), 0);
  await page.reload();
  await chat.open();
  await chat.questions.filter({ hasText: 'Where do you deliver?' }).waitFor();
  assert.equal(await chat.questions.count(), 1);
});

scenario('a deletion that fails loses nothing and can be tried again', {
  engine: false,
  expected: [/net::ERR_/],
}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send('Where do you deliver?');
  await chat.answered();
  const isDeletion = /\/conversations\/[^/]+$/;
  await page.route(isDeletion, (route) => route.abort());
  await chat.delete.click();
  const mean = chat.deletion.getByRole('button', { name: 'Delete conversation' });
  await mean.click();
  await chat.deletion.filter({ hasText: 'It could not be deleted.' }).waitFor();
  assert.equal(await chat.questions.count(), 1);
  assert.ok((await stored(page)).includes('aisle:demo:conversation'));

  await page.unroute(isDeletion);
  await mean.click();
  await chat.notice.filter({ hasText: 'The conversation was deleted.' }).waitFor();
  assert.equal(await chat.questions.count(), 0);
});
