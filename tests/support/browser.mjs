/** Headless Chromium with a fresh shopper for each scenario, who minds every error. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium as playwright } from 'playwright-core';

import { Chat } from './chat.mjs';
import { chromium, root } from './paths.mjs';
import { withLogs } from './processes.mjs';
import { startSystem } from './system.mjs';

/** @typedef {Awaited<ReturnType<typeof startSystem>>} System */

/** How long one step of a page may take, in milliseconds. */
const STEP_MS = 10_000;

/** How long a scenario may take before it counts as hanging, in milliseconds. */
const SCENARIO_MS = 60_000;

export const DESKTOP = { viewport: { width: 1280, height: 800 } };

export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** The engine's files: without them the worker has to answer everything. */
export const ENGINE_FILES = /\/assets\/engine[^/]*$/;

/** What the browser says when the engine's files cannot be had. */
export const WITHOUT_ENGINE = [/^aisle: engine/, /net::ERR_FAILED.*\/assets\/engine/];

/** Starts the browser. @param {string[]} [more] arguments */
export function launch(more = []) {
  return playwright.launch({
    executablePath: chromium(),
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/**
 * What went wrong on a page: errors of the console, uncaught ones, violations of the page's
 * content security policy, and the chat's own warnings.
 * @param {import('playwright-core').Page} page
 */
export async function listenForComplaints(page) {
  /** @type {string[]} */
  const complaints = [];
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`);
    });
  });
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' || text.startsWith('aisle:')) {
      complaints.push(`${text} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  return complaints;
}

/**
 * @typedef {{
 *   page: import('playwright-core').Page,
 *   context: import('playwright-core').BrowserContext,
 *   chat: Chat,
 *   system: System,
 *   shop: string,
 *   requests: {method: string, url: string}[],
 * }} Scene
 *   a shopper's page, still blank; `shop` is the shop's origin, `requests` is all that the page
 *   has asked of the chat's origin
 *
 * @typedef {{
 *   device?: import('playwright-core').BrowserContextOptions,
 *   engine?: boolean,
 *   expected?: RegExp[],
 * }} Options
 *   `engine: false` keeps the engine's files away; `expected` are complaints that belong to the
 *   scenario
 */

/**
 * The browser of this process; its shoppers know nothing of each other.
 * @type {Promise<import('playwright-core').Browser> | undefined}
 */
let shared;

/** Runs in the page: notes when the engine has its models. `Chat.engineIsReady` waits for it. */
function watchEngine() {
  const NativeWorker = Worker;
  Object.assign(window, {
    Worker: class extends NativeWorker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data.kind === 'ready') Object.assign(window, { engineIsReady: true });
        });
      }
    },
  });
}

/**
 * Starts browser and servers for the scenarios of one file and ends them afterwards. Returns the
 * function that adds a scenario.
 * @template {{stop(): Promise<unknown>} & Pick<System, 'shop' | 'worker'>} S
 * @param {() => Promise<S>} start
 */
export function stage(start) {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {S} */
  let system;
  before(async () => {
    shared ??= launch();
    [browser, system] = await Promise.all([shared, start()]);
  });
  after(async () => {
    await Promise.all([browser?.close(), system?.stop()]);
  });

  /**
   * @param {string} name
   * @param {Options} options
   * @param {(scene: Omit<Scene, 'system'> & {system: S}) => Promise<void>} play
   */
  return function scenario(name, { device = DESKTOP, engine = true, expected = [] }, play) {
    test(name, { timeout: SCENARIO_MS }, async () => {
      const context = await browser.newContext(device);
      context.setDefaultTimeout(STEP_MS);
      const page = await context.newPage();
      const complaints = await listenForComplaints(page);
      await page.addInitScript(watchEngine);
      if (!engine) await page.route(ENGINE_FILES, (route) => route.abort());
      /** @type {Scene['requests']} */
      const requests = [];
      context.on('request', (request) => {
        if (request.url().startsWith(system.worker.origin)) {
          requests.push({ method: request.method(), url: request.url() });
        }
      });
      const shop = system.shop.origin;
      try {
        await play({ page, context, chat: new Chat(page), system, shop, requests });
        const allowed = engine ? expected : [...expected, ...WITHOUT_ENGINE];
        const real = complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)));
        assert.deepEqual(real, [], 'nothing may be complained about');
      } catch (error) {
        const picture = await photograph(page, name);
        throw withLogs(error, undefined, [picture, ...complaints]);
      } finally {
        await context.close();
      }
    });
  };
}

/** Keeps what a page looked like. @param {import('playwright-core').Page} page @param {string} name */
async function photograph(page, name) {
  const folder = join(root, 'target/test-failures');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.png`);
  try {
    await page.screenshot({ path });
    return `picture: ${path}`;
  } catch (error) {
    return `no picture: ${error}`;
  }
}
