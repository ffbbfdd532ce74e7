/** What the chat keeps and tells with a shopper's consent, and without. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(startSystem);

/** @typedef {import('playwright-core').Page} Page */

/** What the chat keeps in the browser. @param {Page} page */
const kept = (page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('aisle:')).sort());

/** Has the shop ask for consent: its script tag says so before it is run. @param {Page} page */
const askForConsent = (page) =>
  page.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      const script = /** @type {HTMLElement | null} */ (document.querySelector('script[data-shop]'));
      if (script) script.dataset.consent = 'required';
    });
  });

/** What the requests that write say of consent, as they come. @param {Page} page */
function told(page) {
  /** @type {(string | undefined)[]} */
  const seen = [];
  page.on('request', (request) => {
    const isOurs = /\/conversations(\/[^/]+\/turns)?$/.test(request.url());
    if (isOurs && request.method() === 'POST') seen.push(request.headers()['x-aisle-consent']);
  });
  return seen;
}

/** @param {Page} page @param {boolean} given */
const consent = (page, given) =>
  page.evaluate((given) => /** @type {any} */ (window).aisle.consent(given), given);

scenario('nothing is kept until the shopper consents, nor after that is taken back', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await askForConsent(page);
  const says = told(page);
  await page.goto(shop);
  await chat.open();
  await chat.send('where do you ship?');
  await chat.answered();
  await eventually('the turn is told', () => says.length >= 2);
  assert.ok(says.every((word) => word === 'no'), String(says));
  assert.deepEqual(await kept(page), []);

  await page.reload();
  await consent(page, true);
  says.length = 0;
  await chat.open();
  await chat.send('where do you ship?');
  await chat.answered();
  await eventually('the conversation is kept', async () => (await kept(page)).includes('aisle:demo:conversation'));
  assert.ok(says.every((word) => word === undefined), String(says));

  await consent(page, false);
  assert.deepEqual(await kept(page), []);
});

scenario('what Shopify knows of consent counts', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.addInitScript(() => {
    const consent = { marketing: '', analytics: '', preferences: 'yes', sale_of_data: '' };
    const customerPrivacy = { currentVisitorConsent: () => consent };
    Object.assign(window, { Shopify: { customerPrivacy }, shopperConsent: consent });
  });
  await askForConsent(page);
  await page.goto(shop);
  await chat.open();
  await chat.send('where do you ship?');
  await chat.answered();
  await eventually('the conversation is kept', async () => (await kept(page)).includes('aisle:demo:conversation'));
  await page.evaluate(() => {
    /** @type {any} */ (window).shopperConsent.preferences = 'no';
    document.dispatchEvent(new CustomEvent('visitorConsentCollected', { detail: {} }));
  });
  assert.deepEqual(await kept(page), []);
});
