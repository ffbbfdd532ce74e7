/** How the chat behaves as a guest on the merchant's page. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(startSystem);

/**
 * Everything that a page of the shop keeps in the browser.
 * @param {import('playwright-core').Page} page
 */
async function stored(page) {
  const inPage = await page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  const cookies = await page.context().cookies();
  return { ...inPage, cookies: cookies.map(({ name }) => name).sort() };
}

/** Does what shoppers do who want nothing of the chat. @param {import('playwright-core').Page} page */
async function browse(page) {
  await page.mouse.move(200, 200);
  await page.mouse.wheel(0, 600);
  await page.keyboard.press('PageDown');
  await page.mouse.click(5, 300);
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
  await page.waitForLoadState('networkidle');
}

scenario('before intent there is the loader and nothing else', {}, async (scene) => {
  const { page, chat, shop, system, requests } = scene;
  await page.goto(shop);
  await chat.launcher.waitFor();
  await browse(page);
  assert.deepEqual(requests, [{ method: 'GET', url: `${system.worker.origin}/aisle.js` }]);
  const withChat = await stored(page);

  const other = await page.context().browser()?.newContext();
  const without = await other?.newPage();
  assert.ok(without);
  await without.route('**/aisle.js', (route) => route.fulfill({ body: '' }));
  await without.goto(shop);
  await browse(without);
  assert.deepEqual(withChat, await stored(without));
  await other?.close();

  const size = await chat.host.evaluate((host) => {
    const { width, height } = host.getBoundingClientRect();
    return [width, height];
  });
  assert.deepEqual(size, [0, 0]);
});

scenario('intent fetches the chat from its own origin, and only once', {}, async (scene) => {
  const { page, chat, shop, system, requests } = scene;
  await page.goto(shop);
  await chat.launcher.hover();
  await eventually('the chat is fetched', () => requests.some(({ url }) => url.endsWith('.wasm')));
  await chat.open();
  await chat.type('mug');
  await chat.suggestions.first().waitFor();
  const files = requests.map(({ url }) => url).filter((url) => url.includes('/assets/'));
  // A preload and the import that uses it are two requests to Playwright and one to the network.
  const entries = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name));
  const fromNetwork = entries.filter((name) => name.includes('/assets/'));
  assert.equal(new Set(fromNetwork).size, fromNetwork.length, String(fromNetwork));
  assert.ok(files.every((url) => url.startsWith(system.worker.origin)));
});

scenario('the panel says that an AI answers', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.disclosure.waitFor();
  assert.match(await chat.disclosure.innerText(), /\bAI\b/);
  await page.locator('aisle-chat .header__title', { hasText: 'Fernside & Co' }).waitFor();
  const described = await chat.panel.getAttribute('aria-describedby');
  assert.equal(described, await chat.disclosure.getAttribute('id'));
});

scenario('a script tag that is there twice makes one chat', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.waitFor();
  await includeAgain(page);
  assert.equal(await chat.host.count(), 1);
  await chat.open();
  assert.equal(await chat.panel.count(), 1);
});

scenario('destroyed, it leaves nothing behind, and it can be started again', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  const globals = () => page.evaluate(() => Object.keys(window).sort());
  await chat.open();
  await chat.type('mug');
  await chat.suggestions.first().waitFor();
  const during = await globals();
  await page.evaluate(() => /** @type {any} */ (window).aisle.destroy());
  assert.equal(await chat.host.count(), 0);
  const after = await globals();
  assert.deepEqual(during.filter((name) => !after.includes(name)), ['aisle']);
  await eventually('the worker of the engine is gone', () => page.workers().length === 0);

  await includeAgain(page);
  await chat.open();
  await chat.type('mug');
  await chat.suggestions.first().waitFor();
  assert.equal(await chat.host.count(), 1);
});

scenario('destroyed while it starts, it does not come back', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.waitFor();
  const fetched = page.waitForResponse((response) => response.url().endsWith('.wasm'));
  await page.evaluate(() => {
    const { aisle } = /** @type {any} */ (window);
    aisle.open();
    aisle.destroy();
  });
  await fetched;
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
  assert.equal(await chat.host.count(), 0);
});

scenario('what the page asks before the loader is there is done once it is', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.addInitScript(() => {
    Object.assign(window, { aisle: [['open']] });
  });
  await page.goto(shop);
  await chat.composer.waitFor();
});

scenario('the page hears what happens', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.waitFor();
  await page.evaluate(() => {
    const heard = /** @type {string[]} */ ([]);
    const { aisle } = /** @type {any} */ (window);
    for (const name of ['open', 'close', 'message']) {
      aisle.on(name, (/** @type {any} */ detail) => heard.push(`${name} ${detail?.role ?? ''}`.trim()));
    }
    Object.assign(window, { heard });
  });
  await chat.open();
  await chat.send('How long do I have to return something?');
  await chat.answered();
  await chat.close.click();
  const heard = await page.evaluate(() => /** @type {any} */ (window).heard);
  assert.deepEqual(heard, ['open', 'message shopper', 'message assistant', 'close']);
});

scenario('a page of the checkout shows nothing', {}, async ({ page, chat, shop, requests }) => {
  await page.goto(`${shop}/checkout`);
  await page.waitForLoadState('networkidle');
  assert.ok(requests.some(({ url }) => url.endsWith('/aisle.js')), 'the page has the loader');
  assert.equal(await chat.host.count(), 0);
  await page.evaluate(() => /** @type {any} */ (window).aisle.open());
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
  assert.equal(await chat.host.count(), 0);
  assert.equal(requests.length, 1);
});

scenario('leaving for the checkout takes it away, and coming back brings it', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.open();
  await page.evaluate(() => history.pushState({}, '', '/checkout'));
  await chat.host.waitFor({ state: 'detached' });
  await page.goBack();
  await chat.launcher.waitFor();
});

/** Adds the script tag of the page a second time. @param {import('playwright-core').Page} page */
async function includeAgain(page) {
  await page.evaluate(() => new Promise((resolve, reject) => {
    const first = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-shop]'));
    const script = document.createElement('script');
    script.src = first.src;
    script.dataset.shop = first.dataset.shop;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  }));
}
