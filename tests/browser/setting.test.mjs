/** What a model is told of where the shopper is: the page and the cart, where that may be told. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystemWithModel } from '../support/system.mjs';

/** @typedef {import('playwright-core').Page} Page */

const scenario = stage(startSystemWithModel);

const PRODUCT = 'regency-cake-stand-3-tier';
const SKU = '22423';
const LOOKS = /The shopper looks at:\n- \[p\d+\] Regency Cake Stand 3 Tier/;

/** The turns that the page sends. @param {Page} page */
function turns(page) {
  /** @type {any[]} */
  const sent = [];
  page.on('request', (request) => {
    if (/\/turns(\?|$)/.test(request.url()) && request.method() === 'POST') sent.push(request.postDataJSON());
  });
  return sent;
}

/** Puts a product into the cart, as the shop's own page does. @param {Page} page @param {number} quantity */
const fill = (page, quantity) =>
  page.evaluate(async ([handle, quantity]) => {
    const product = await (await fetch(`/products/${handle}.js`)).json();
    await fetch('/cart/add.js', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items: [{ id: product.variants[0].id, quantity }] }),
    });
  }, /** @type {const} */ ([PRODUCT, quantity]));

/**
 * Asks something, and gives what the model was given.
 * @param {any} scene
 * @param {string} question
 * @returns {Promise<string>}
 */
async function prompted({ chat, system }, question) {
  await chat.send(question);
  const completion = await system.provider.next();
  completion.say('It is.');
  completion.finish();
  await chat.answered();
  return completion.prompt;
}

scenario('the model is told of the product that the shopper looks at and of the cart', {
  engine: false,
}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(`${shop}/products/${PRODUCT}?utm_source=mail&email=ann%40shop.example#reviews`);
  await fill(page, 2);
  await chat.open();
  const sent = turns(page);
  const prompt = await prompted(scene, 'Is it in stock?');
  assert.match(prompt, LOOKS);
  assert.match(prompt, /In the shopper's cart:\n- 2 x \[p\d+\] Regency Cake Stand 3 Tier/);
  assert.equal(sent[0].page, `/products/${PRODUCT}`);
  assert.deepEqual(sent[0].cart, [{ sku: SKU, handle: PRODUCT, quantity: 2 }]);

  // What the shop's page changes meanwhile is known once the shopper is back at the composer.
  await fill(page, 3);
  await page.locator('main').first().click({ position: { x: 1, y: 1 } });
  const read = page.waitForResponse(/\/cart\.js$/);
  await chat.composer.focus();
  await read;
  await eventually('the cart is read', async () =>
    /- 5 x \[p\d+\] Regency/.test(await prompted(scene, 'And now?')));
});

scenario('a shop may tell the product itself', { engine: false }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await page.evaluate((sku) => {
    const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-shop]'));
    script.dataset.product = sku;
  }, SKU);
  await chat.open();
  assert.match(await prompted(scene, 'Is it in stock?'), LOOKS);
});

for (const [why, prepare] of Object.entries({
  'who objects by Global Privacy Control': () =>
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }),
  'who has not consented': () => {
    new MutationObserver(() => {
      const script = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[data-shop]'));
      if (script) script.dataset.consent = 'required';
    }).observe(document, { childList: true, subtree: true });
  },
})) {
  scenario(`nothing of page and cart is told of somebody ${why}`, { engine: false }, async (scene) => {
    const { page, chat, shop } = scene;
    await page.addInitScript(prepare);
    await page.goto(`${shop}/products/${PRODUCT}`);
    await fill(page, 2);
    await chat.open();
    const sent = turns(page);
    assert.doesNotMatch(await prompted(scene, 'Is it in stock?'), /looks at|shopper's cart/);
    assert.deepEqual([sent[0].page, sent[0].cart], [undefined, undefined]);
  });
}

scenario('nothing of page and cart is told from a page of the shopper’s own', {
  engine: false,
  expected: [/status of 404/],
}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(`${shop}/products/${PRODUCT}`);
  await fill(page, 2);
  await page.evaluate(() => history.pushState(null, '', '/account/orders/1042'));
  await chat.open();
  const sent = turns(page);
  await prompted(scene, 'Is it in stock?');
  assert.deepEqual([sent[0].page, sent[0].cart], [undefined, undefined]);
});
