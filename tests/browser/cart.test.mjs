/** The chat's cart is the shop's own cart. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem, startSystemWithModel } from '../support/system.mjs';

const scenario = stage(startSystem);
const withModel = stage(startSystemWithModel);

/** A question whose answer shows products. */
const QUESTION = 'Do you have a regency cakestand?';

/** Handle of a product of the demo shop that cannot be had. */
const SOLD_OUT = 'silicone-cube-25-w-blue';

/** The shop's own count, in the header of every page. */
const COUNT = '[data-cart-count]';

/**
 * What the shop says is in the cart.
 * @param {import('playwright-core').Page} page
 */
const cart = (page) => page.evaluate(async () => (await fetch('/cart.js')).json());

scenario('a product of an answer goes into the cart of the shop', { engine: false }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  assert.equal((await cart(page)).item_count, 0);
  await chat.open();
  await chat.send(QUESTION);
  await chat.answered();
  const card = chat.products.first();
  const title = await card.locator('.product__title').innerText();
  const price = await card.locator('.price__now').innerText();
  await card.locator('.add').click();
  await card.locator('.add--added').waitFor();

  const after = await cart(page);
  assert.equal(after.item_count, 1);
  assert.equal(after.items[0].product_title, title);
  assert.equal(after.items[0].final_line_price, Math.round(parseFloat(price.replace('£', '')) * 100));
  await eventually('the page shows the new count', async () =>
    (await page.locator(COUNT).first().innerText()).trim() === '1');

  await card.getByRole('link', { name: 'View cart' }).click();
  await page.waitForURL(/\/cart$/);
  await page.locator('main').getByText(title).first().waitFor();
});

scenario('two products make two lines', { engine: false }, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send('Do you have red mugs?');
  await chat.answered();
  for (const at of [0, 1]) {
    const card = chat.products.nth(at);
    await card.locator('.add').click();
    await card.locator('.add--added').waitFor();
    assert.equal((await cart(page)).items.length, at + 1);
  }
});

scenario('a product that is sold out is shown as such and cannot be added', {
  expected: [/status of 422/],
}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  const product = await page.evaluate(
    async (handle) => (await fetch(`/products/${handle}.js`)).json(),
    SOLD_OUT,
  );
  assert.equal(product.available, false);
  await chat.open();
  await chat.type(product.title);
  const line = chat.suggestedProducts.filter({ hasText: product.title }).first();
  await line.locator('.price__sold-out').waitFor();

  await chat.send(`Do you have ${product.title}?`);
  await chat.answered();
  const card = chat.products.filter({ hasText: product.title });
  await card.locator('.price__sold-out').waitFor();
  assert.equal(await card.locator('.add').count(), 0);

  // Nor does the shop itself sell it, whoever asks.
  const reply = await page.evaluate(async (id) => {
    const response = await fetch('/cart/add.js', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items: [{ id, quantity: 1 }] }),
    });
    return { status: response.status, body: await response.json() };
  }, product.variants[0].id);
  assert.equal(reply.status, 422);
  assert.match(reply.body.description, /sold out/i);
  assert.equal((await cart(page)).item_count, 0);
});

scenario('the page is told that the cart changed', { engine: false }, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await page.evaluate(() => {
    const heard = /** @type {string[]} */ ([]);
    Object.assign(window, { heard });
    document.addEventListener('cart:refresh', () => heard.push('cart:refresh'));
    /** @type {any} */ (window).aisle.on('cart-add', (/** @type {any} */ detail) => heard.push(`cart-add ${detail.handle}`));
  });
  await chat.open();
  await chat.send(QUESTION);
  await chat.answered();
  const card = chat.products.first();
  const url = await card.locator('.product__title').getAttribute('href');
  await card.locator('.add').click();
  await card.locator('.add--added').waitFor();
  assert.ok(await chat.hasFocus('.add--added'), 'the focus stays on the button');
  const heard = await page.evaluate(() => /** @type {any} */ (window).heard);
  assert.deepEqual(heard, ['cart:refresh', `cart-add ${url?.split('/').at(-1)}`]);
});

scenario('what the shop refuses to sell is told in its words', {
  engine: false,
  expected: [/status of 422/],
}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send(QUESTION);
  await chat.answered();
  const card = chat.products.first();
  const words = 'All 6 of these are in your cart.';
  await page.route('**/cart/add.js', (route) => route.fulfill({
    status: 422,
    json: { status: 422, message: 'Cart Error', description: words },
  }));
  await card.locator('.add').click();
  await card.locator('.product__error').filter({ hasText: words }).waitFor();
  assert.equal((await cart(page)).item_count, 0);
  await page.unroute('**/cart/add.js');
  await card.locator('.add').click();
  await card.locator('.add--added').waitFor();
  assert.equal(await card.locator('.product__error').count(), 0);
});

withModel('as many as are proposed go into the cart, when the shopper says so', { engine: false }, async (scene) => {
  const { page, chat, shop, system } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.send('I want six of the regency cakestands');
  const asked = await system.provider.next();
  asked.call('propose_cart_change', { sku: '22423', quantity: 6 });
  asked.finish();
  const told = await system.provider.next();
  told.say('Shall I add six of them? ');
  told.finish();
  assert.match(await chat.answered(), /Shall I add six/);
  const add = chat.products.first().locator('.add');
  await add.filter({ hasText: 'Add 6 to cart' }).waitFor();
  assert.match(await add.getAttribute('aria-label') ?? '', /^Add 6 to cart: .*cake ?stand/i);
  assert.equal((await cart(page)).item_count, 0, 'it is a proposal');

  await add.click();
  await chat.products.first().locator('.add--added').waitFor();
  const after = await cart(page);
  assert.deepEqual(after.items.map((/** @type {any} */ line) => [line.sku, line.quantity]), [['22423', 6]]);

  // What was shown before is still a proposal, of one piece, after a reload.
  await page.reload();
  await chat.open();
  await chat.products.first().locator('.add').waitFor();
  assert.equal((await cart(page)).item_count, 6, 'nothing is added by itself');
});
