/**
 * Takes pictures of the chat on the demo shop, on a desktop and on a phone:
 *
 *   node tests/browser/screenshots.mjs FOLDER
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { DESKTOP, ENGINE_FILES, PHONE, launch } from '../support/browser.mjs';
import { Chat } from '../support/chat.mjs';
import { startSystem } from '../support/system.mjs';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tests/browser/screenshots.mjs FOLDER');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const DEVICES = { desktop: DESKTOP, phone: PHONE };

/**
 * What a picture shows: how a fresh page gets there.
 * @type {Record<string, {path?: string, engine?: boolean, theme?: string,
 *   go: (chat: Chat, page: import('playwright-core').Page) => Promise<unknown>}>}
 */
const SHOTS = {
  launcher: { go: (chat) => chat.launcher.waitFor() },
  panel: { go: (chat) => chat.open() },
  suggestions: {
    async go(chat) {
      await chat.open();
      await chat.type('red retrospot');
      await chat.suggestedProducts.first().waitFor();
    },
  },
  'suggested-answer': {
    async go(chat, page) {
      await chat.open();
      await chat.type('how long do i have to return');
      await chat.suggestedAnswers.first().waitFor();
      await page.keyboard.press('ArrowDown');
      await chat.highlighted.waitFor();
    },
  },
  'local-answer': {
    async go(chat) {
      await chat.open();
      await chat.type('how long do i have to return');
      await chat.suggestedAnswers.first().click();
      await chat.answered();
    },
  },
  products: {
    engine: false,
    async go(chat) {
      await chat.open();
      await chat.send('Do you have a regency cakestand?');
      await chat.answered();
      await chat.products.first().waitFor();
    },
  },
  'added-to-cart': {
    engine: false,
    async go(chat) {
      await chat.open();
      await chat.send('Do you have a regency cakestand?');
      await chat.answered();
      await chat.products.locator('.add').first().click();
      await chat.products.locator('.add--added').first().waitFor();
    },
  },
  conversation: {
    engine: false,
    async go(chat) {
      await chat.open();
      await chat.send('How long do I have to return something?');
      await chat.answered();
      await chat.send('And who pays for the postage?');
      await chat.answered();
    },
  },
  'dark-suggestions': {
    theme: 'dark',
    async go(chat) {
      await chat.open();
      await chat.type('red retrospot');
      await chat.suggestedProducts.first().waitFor();
    },
  },
  'dark-products': {
    theme: 'dark',
    engine: false,
    async go(chat) {
      await chat.open();
      await chat.send('Do you have a regency cakestand?');
      await chat.answered();
      await chat.products.first().waitFor();
    },
  },
  'product-page': {
    async go(chat, page) {
      await chat.open();
      await chat.type('regency cakestand');
      await chat.suggestedProducts.first().click();
      await page.waitForURL(/\/products\//);
      await chat.launcher.waitFor();
    },
  },
  collection: { path: '/collections/all', go: (chat) => chat.launcher.waitFor() },
  cart: { path: '/cart', go: (chat) => chat.launcher.waitFor() },
};

const system = await startSystem();
const browser = await launch();
try {
  for (const [device, options] of Object.entries(DEVICES)) {
    for (const [name, { path = '/', engine = true, theme, go }] of Object.entries(SHOTS)) {
      const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
      const page = await context.newPage();
      if (!engine) await page.route(ENGINE_FILES, (route) => route.abort());
      await page.goto(system.shop.origin + path);
      const chat = new Chat(page);
      await chat.launcher.waitFor();
      if (theme) await chat.host.evaluate((host, theme) => { host.dataset.theme = theme; }, theme);
      await go(chat, page);
      await page.waitForLoadState('networkidle');
      const file = join(folder, `${device}-${name}.png`);
      await page.screenshot({ path: file, animations: 'disabled' });
      console.log(file);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await system.stop();
}
