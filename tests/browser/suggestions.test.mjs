/** What is suggested while a shopper types, and what choosing it does. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(startSystem);

/** A draft of no word that the shop has, which the models know something for. */
const ABOUT = 'illumination';

/** A draft that a document answers. */
const POLICY = 'how long do i have to return';

scenario('half a word brings products with image and price', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.type('umbrel');
  const first = chat.suggestedProducts.first();
  await first.waitFor();
  assert.match(await first.locator('.suggestion__title').innerText(), /umbrella/i);
  assert.match(await first.locator('.price').innerText(), /£\d+\.\d\d/);
  const image = first.locator('img');
  await eventually('the image is there', () =>
    image.evaluate((/** @type {HTMLImageElement} */ image) => image.complete && image.naturalWidth > 0));
});

scenario('the list follows the draft and goes with it', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.type('teapot');
  await chat.suggestedProducts.filter({ hasText: /teapot/i }).first().waitFor();
  await chat.composer.fill('umbrella');
  await chat.suggestedProducts.filter({ hasText: /umbrella/i }).first().waitFor();
  await chat.composer.fill('');
  await chat.suggestions.first().waitFor({ state: 'detached' });
  assert.equal(await chat.composer.getAttribute('aria-expanded'), 'false');
});

scenario('a typo still finds', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.type('umbrela');
  await chat.suggestedProducts.filter({ hasText: /umbrella/i }).first().waitFor();
});

/** Holds back requests for what matches. @param {import('playwright').Page} page @param {string} what */
async function holdBack(page, what) {
  /** @type {(() => void)[]} */
  const held = [];
  await page.route(what, async (route) => {
    await new Promise((resolve) => held.push(() => resolve(undefined)));
    await route.continue();
  });
  return held;
}

scenario('what is typed before the engine is there is answered once it is', {}, async (scene) => {
  const { page, chat, shop } = scene;
  const held = await holdBack(page, '**/artifacts/**');
  await page.goto(shop);
  await chat.open();
  await chat.type('umbrella');
  await eventually('the artifact is asked for', () => held.length === 4);
  assert.equal(await chat.suggestions.count(), 0);
  held.forEach((release) => release());
  await chat.suggestedProducts.first().waitFor();
});

scenario('search answers while the encoder is on its way, and the engine takes over', {}, async (scene) => {
  const { page, chat, shop } = scene;
  const held = await holdBack(page, '**/encoder.onnx');
  await page.goto(shop);
  await chat.open();
  await chat.type('umbrella');
  await chat.suggestedProducts.filter({ hasText: /umbrella/i }).first().waitFor();
  await chat.composer.fill(ABOUT);
  await chat.suggestions.first().waitFor({ state: 'detached' });
  assert.equal(held.length, 1, 'the encoder is not there');
  held.forEach((release) => release());
  await chat.suggestions.first().waitFor();

  const asked = page.waitForRequest((request) => request.url().endsWith('/turns'));
  await chat.send('what is your returns policy');
  assert.match(await chat.answered(), /return/i);
  assert.ok((await asked).postDataJSON().local, 'it is answered on the device');
});

scenario('search goes on without the encoder, and the worker answers', {
  expected: [/status of 503/, /^aisle: engine artifact_unavailable/],
}, async ({ page, chat, shop }) => {
  await page.route('**/encoder.onnx', (route) => route.fulfill({ status: 503 }));
  const told = page.waitForEvent('console', (message) => message.text().startsWith('aisle: engine'));
  await page.goto(shop);
  await chat.open();
  await told;
  await chat.type('umbrella');
  await chat.suggestedProducts.filter({ hasText: /umbrella/i }).first().waitFor();
  const asked = page.waitForRequest((request) => request.url().endsWith('/turns'));
  await chat.send(POLICY);
  assert.match(await chat.answered(), /30 days/);
  assert.equal((await asked).postDataJSON().local, undefined);
});

scenario('an answer chosen with the keyboard is shown with its source, at once', {}, async (scene) => {
  const { page, chat, shop, requests } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type(POLICY);
  const answer = chat.suggestedAnswers.first();
  await answer.waitFor();
  const title = await answer.locator('.suggestion__title').evaluate(
    (element) => element.firstChild?.textContent ?? '',
  );
  const steps = await answer.evaluate((line) => [...(line.parentElement?.children ?? [])].indexOf(line) + 1);
  for (let step = 0; step < steps; step += 1) await page.keyboard.press('ArrowDown');
  await eventually('it is highlighted', async () =>
    (await chat.highlighted.getAttribute('id')) === (await answer.getAttribute('id')));
  assert.equal(
    await chat.composer.getAttribute('aria-activedescendant'),
    await answer.getAttribute('id'),
  );
  await page.keyboard.press('Enter');
  assert.match(await chat.answered(), /30 days/);
  assert.equal((await chat.questions.last().innerText()).replace(/^You:\s*/, ''), title);
  assert.equal(await chat.sources.first().innerText(), title);
  const href = await chat.sources.first().getAttribute('href');
  assert.match(href ?? '', /returns/);
  assert.equal(await chat.composer.inputValue(), '');
  await chat.focusReaches('.composer__input');

  const page404 = await page.request.get(shop + href);
  assert.equal(page404.status(), 200);
  await eventually('the turn is kept', () => requests.some(({ url }) => url.endsWith('/turns')));
});

scenario('arrows go round through the draft, and typing lets go', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type('mug');
  await chat.suggestions.first().waitFor();
  const last = (await chat.suggestions.count()) - 1;
  await page.keyboard.press('ArrowUp');
  await page.locator(`aisle-chat #aisle-option-${last}[aria-selected=true]`).waitFor();
  await page.keyboard.press('ArrowDown');
  await chat.highlighted.waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowDown');
  await page.locator('aisle-chat #aisle-option-0[aria-selected=true]').waitFor();
  await page.keyboard.type('s');
  await chat.highlighted.waitFor({ state: 'detached' });
});

scenario('a product chosen with the pointer opens its page', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type('regency cake stand');
  // What is there for the first letters may be another product.
  const product = chat.suggestedProducts.filter({ hasText: /regency cake stand/i }).first();
  await product.waitFor();
  const title = await product.locator('.suggestion__title').innerText();
  await product.click();
  await page.waitForURL(/\/products\//);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
});

scenario('an action opens a page of the shop', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type('start a return');
  const action = chat.suggestions.filter({ hasText: 'Start a return' }).filter({ hasNot: page.locator('.suggestion__excerpt, .price') });
  await action.first().click();
  await page.waitForURL(/\/pages\/start-a-return$/);
  assert.equal((await page.request.get(page.url())).status(), 200);
});

scenario('a completion finishes the sentence in the composer', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.type('do you gift w');
  const completions = chat.suggestions.filter({ has: page.locator('.suggestion__typed') });
  await completions.filter({ hasText: 'do you gift wrap' }).click();
  await eventually('the draft is whole', async () =>
    (await chat.composer.inputValue()) === 'do you gift wrap');
  await chat.focusReaches('.composer__input');
});

scenario('the keyboard alone is enough', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.waitFor();
  await chat.launcher.focus();
  await page.keyboard.press('Enter');
  await chat.focusReaches('.composer__input');
  await page.keyboard.type('mug');
  await chat.suggestions.first().waitFor();
  await page.keyboard.press('Escape');
  await chat.suggestions.first().waitFor({ state: 'detached' });
  assert.ok(await chat.panel.isVisible(), 'the first Escape closes the list only');
  assert.equal(await chat.composer.inputValue(), 'mug');
  await page.keyboard.press('Escape');
  await chat.panel.waitFor({ state: 'hidden' });
  await chat.focusReaches('.launcher');
  assert.equal(await chat.launcher.getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Enter');
  await chat.focusReaches('.composer__input');
});

scenario('every control can be reached with the tabulator', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.type('mug');
  await chat.suggestions.first().waitFor();
  const names = [];
  await page.keyboard.press('Shift+Tab');
  // Recommendations that came before the draft have two stops each.
  for (const _ of Array(20)) {
    names.push(await page.evaluate(() => {
      const active = document.querySelector('aisle-chat')?.shadowRoot?.activeElement;
      return active?.getAttribute('aria-label') ?? active?.textContent ?? '';
    }));
    await page.keyboard.press('Shift+Tab');
  }
  assert.ok(names.includes('Conversation'), String(names));
  assert.ok(names.includes('Close chat'), String(names));
  assert.ok(names.includes('Where is my order?'), String(names));
});
