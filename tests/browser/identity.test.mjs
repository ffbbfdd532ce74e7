/** A shopper who is signed in with the merchant, whose server vouches for them. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { customerToken, loadOrders, withOrders } from '../support/orders.mjs';
import { startSystem } from '../support/system.mjs';
import { SHOP } from '../support/worker.mjs';

/** Where the shop's own server gives the token to pages of a signed-in customer. */
const TOKEN = '/account/chat-token';
const CUSTOMER = 'c-7';

/** Two months ago: recent enough for a month without its year. */
const PLACED_AT_MS = Date.now() - 60 * 86_400_000;
const MONTH = new Date(PLACED_AT_MS).toLocaleString('en', { month: 'long', timeZone: 'UTC' });

const scenario = stage(async () => {
  const system = await startSystem({ env: withOrders(SHOP) });
  const line = (/** @type {string} */ sku) => ({ sku, title: sku, quantity: 2, price_minor: 295 });
  const order = {
    number: '#1042',
    customer: CUSTOMER,
    state: 'delivered',
    placed_at_ms: PLACED_AT_MS,
    currency: 'GBP',
    lines: ['85123A', '22423', '85099B', '47566'].map(line),
    total_minor: 2_360,
  };
  assert.equal(await loadOrders(system.worker, [order]), 1);
  return system;
});

/**
 * Opens the chat on a page of whoever has this token.
 * @param {{page: import('playwright-core').Page, chat: import('../support/chat.mjs').Chat, shop: string}} scene
 * @param {string} token
 */
async function openAs({ page, chat, shop }, token) {
  await page.route(`**${TOKEN}`, (route) => route.fulfill({ contentType: 'text/plain', body: token }));
  await page.goto(shop);
  await chat.launcher.waitFor();
  await page.evaluate(async (path) => {
    const reply = await fetch(path);
    /** @type {any} */ (window).aisle.identify(await reply.text());
  }, TOKEN);
  await chat.open();
  const recommended = chat.transcript.locator('.recommended .product');
  await recommended.first().waitFor();
  return recommended;
}

scenario('what was bought is recommended with its month', {}, async (scene) => {
  const token = customerToken(SHOP, { sub: CUSTOMER });
  const recommended = await openAs(scene, token);
  await recommended.filter({ hasText: `You bought this in ${MONTH}` }).first().waitFor();
  // The token and what was bought stay with this page.
  const kept = await scene.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(token) && !kept.includes('85123A'), kept);
});

scenario('another customer is told nothing of it', {}, async (scene) => {
  const recommended = await openAs(scene, customerToken(SHOP, { sub: 'c-8' }));
  assert.equal(await recommended.filter({ hasText: 'You bought' }).count(), 0);
});

const forged = { expected: [/401/] };
scenario('a token of another server says nothing, and the chat goes on', forged, async (scene) => {
  const token = customerToken('another shop', { sub: CUSTOMER, aud: SHOP });
  const recommended = await openAs(scene, token);
  assert.equal(await recommended.filter({ hasText: 'You bought' }).count(), 0);
  await scene.chat.send('how long do i have to return something?');
  assert.match(await scene.chat.answered(), /30 days/);
});
