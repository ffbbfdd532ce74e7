/** The chat in a shop that asks new visitors for work. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(() => startSystem({ shop: { proof_of_work_bits: 12 } }));

// The browser's console tells of the reply that has the work.
const expected = [/status of 401 .*\/session/];

scenario('a new visitor does it once and gets an answer', { engine: false, expected }, async ({ page, chat, shop }) => {
  /** @type {number[]} */
  const statuses = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/session')) statuses.push(response.status());
  });
  await page.goto(shop);
  await chat.open();
  await chat.send('How long do I have to return something?');
  assert.match(await chat.answered(), /30 days/);
  assert.deepEqual(statuses, [401, 201]);
  await page.reload();
  await chat.open();
  await chat.send('And by post?');
  await chat.answered();
  // Who is known does no more work.
  assert.ok(statuses.slice(2).every((status) => status === 201), `${statuses}`);
});
