/**
 * How long a shopper waits for suggestions, in a real browser, over the demo shop's artifact.
 *
 * Method. Real key presses are sent to Chromium. For each, time runs from the `timeStamp` of its
 * `keydown` event to the end of the main thread's part of the first frame that shows the
 * suggestions for just that draft: the engine's reply carries the number of the request that the
 * key press caused; when the reply comes, a frame is asked for (`requestAnimationFrame`, which
 * runs after the chat has rendered), and a message that is posted from there is handled once that
 * frame is done. The number of lines on the page must then be that of the reply. What the
 * compositor does afterwards is not in it. Key presses come when the last one is painted, plus a
 * random pause, so that they hit any phase of the display's clock.
 *
 * At 60 frames a second the next frame alone is up to 16.7 ms away whatever the chat does, and
 * Chromium holds back messages from workers until the frame after a key press is out, so that
 * suggestions come with the second frame. `keystroke_to_paint` has all of that in it;
 * `keystroke_to_paint_unlimited` is the same with a frame rate that is not limited: what the chat
 * itself takes. `engine` is the round trip to the engine, taken from the latter.
 *
 * Long tasks are those of the page's main thread in Chromium's own trace, from the click that
 * opens the panel to the first suggestion for a draft typed at once, with a cold cache.
 */

import { setTimeout as pause } from 'node:timers/promises';

import { DESKTOP, launch } from '../support/browser.mjs';
import { Chat } from '../support/chat.mjs';
import { print, spread } from '../support/figures.mjs';
import { startSystem } from '../support/system.mjs';

/** What shoppers type, key by key. */
const DRAFTS = [
  'where is my order',
  'how long do i have to return',
  'red retrospot lunch bag',
  'regency cakestand',
  'do you deliver to ireland',
  'umbrela',
  'gift for my nan under 10 pounds',
  'can i pay with paypal',
  'teapot',
  'white hanging heart t-light holder',
  'my parcel arrived broken',
  'vintage alarm clock',
  'wicker heart',
  'opening hours',
  'christmas decorations wood',
  'talk to a person',
  'jumbo bag',
  'discount code',
];

/** Longest random pause between key presses, in milliseconds: a few frames. */
const PAUSE_MS = 50;

/** A task of the main thread that a shopper may notice, in milliseconds. */
const LONG_TASK_MS = 50;

/** Times that the panel is opened in a fresh profile. */
const OPENINGS = 7;

const UNLIMITED = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

/** Runs in the page before anything else: notes every draft from key press to paint. */
function observe() {
  /** @type {Map<number, {text: string, keyAt: number, askedAt: number}>} */
  const asked = new Map();
  const painted = /** @type {object[]} */ ([]);
  let keyAt = 0;
  addEventListener('keydown', (event) => {
    keyAt = event.timeStamp;
  }, true);
  const lines = () =>
    document.querySelector('aisle-chat')?.shadowRoot?.querySelectorAll('.suggestion').length ?? 0;
  const NativeWorker = Worker;
  Object.assign(window, {
    painted,
    Worker: class extends NativeWorker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => {
          painted.push({ ...data, paintedAt: performance.now(), lines: lines() });
        };
        this.addEventListener('message', ({ data }) => {
          if (data.kind === 'ready') Object.assign(window, { engineIsReady: true });
          const request = asked.get(data.seq);
          if (data.kind !== 'suggested' || !request) return;
          const reply = { ...request, repliedAt: performance.now(), items: data.items.length };
          requestAnimationFrame(() => port2.postMessage(reply));
        });
      }

      /** @param {any} message */
      postMessage(message) {
        if (message.kind === 'suggest') {
          asked.set(message.seq, { text: message.text, keyAt, askedAt: performance.now() });
        }
        super.postMessage(message);
      }
    },
  });
  addEventListener('click', () => performance.mark('aisle-opened'), true);
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} shop
 */
async function arrive(browser, shop) {
  const context = await browser.newContext(DESKTOP);
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.goto(shop, { waitUntil: 'networkidle' });
  return { context, page, chat: new Chat(page) };
}

/** Pseudo-random numbers from 0 to 1, the same in every run (Lehmer's generator). */
function* random() {
  for (let state = 20_240_601; ; state = (state * 48_271) % 2_147_483_647) {
    yield state / 2_147_483_647;
  }
}

/**
 * Types every draft and returns what each key press took.
 * @param {string} shop
 * @param {string[]} [flags] of the browser
 */
async function typeDrafts(shop, flags) {
  const browser = await launch(flags);
  try {
    const { page, chat } = await arrive(browser, shop);
    await chat.open();
    await chat.engineIsReady();
    await chat.type('a');
    await chat.suggestions.first().waitFor();
    await chat.composer.fill('');
    const phases = random();
    /** @type {{text: string, keyAt: number, askedAt: number, repliedAt: number, paintedAt: number, items: number, lines: number}[]} */
    const keys = [];
    for (const draft of DRAFTS) {
      for (const end of Array.from(draft).keys()) {
        const text = Array.from(draft).slice(0, end + 1).join('');
        await pause(PAUSE_MS * (phases.next().value ?? 0));
        await page.keyboard.press(draft[end] === ' ' ? 'Space' : draft[end]);
        const key = await page.waitForFunction(
          (text) => /** @type {any} */ (window).painted.findLast((/** @type {any} */ p) => p.text === text),
          text,
          { polling: 4 },
        );
        keys.push(await key.jsonValue());
      }
      await chat.composer.fill('');
      await page.evaluate(() => /** @type {any} */ (window).painted.splice(0));
    }
    const wrong = keys.filter(({ items, lines }) => items !== lines);
    if (wrong.length) throw new Error(`the page does not show the reply: ${JSON.stringify(wrong[0])}`);
    return keys;
  } finally {
    await browser.close();
  }
}

/**
 * Opens the panel in a fresh profile, types at once, and looks into the browser's trace.
 * @param {import('playwright-core').Browser} browser
 * @param {string} shop
 */
async function open(browser, shop) {
  const { context, page, chat } = await arrive(browser, shop);
  const box = await chat.launcher.boundingBox();
  if (!box) throw new Error('there is no launcher');
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing'],
  });
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await chat.composer.waitFor();
  await page.keyboard.type('mug');
  await chat.suggestions.first().waitFor();
  await page.evaluate(() => performance.mark('aisle-suggested'));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  await context.close();

  const mark = (/** @type {string} */ name) => {
    const found = traceEvents.find((/** @type {any} */ event) => event.name === name);
    if (!found) throw new Error(`the trace has no mark ${name}`);
    return found;
  };
  const [from, to] = [mark('aisle-opened'), mark('aisle-suggested')];
  const tasks = traceEvents.filter((/** @type {any} */ event) =>
    event.ph === 'X' && /RunTask$/.test(event.name) &&
    event.pid === from.pid && event.tid === from.tid &&
    event.ts + event.dur >= from.ts && event.ts <= to.ts);
  if (!tasks.length) throw new Error('the trace has no task of the main thread');
  return {
    toFirstSuggestionMs: (to.ts - from.ts) / 1000,
    tasksMs: tasks.map((/** @type {any} */ task) => task.dur / 1000),
  };
}

/**
 * What a page of the shop fetches from the chat's origin before the shopper wants it.
 * @param {import('playwright-core').Browser} browser
 * @param {string} shop
 * @param {string} chat
 */
async function beforeIntent(browser, shop, chat) {
  const context = await browser.newContext(DESKTOP);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  /** @type {Set<string>} */
  const ours = new Set();
  let bytes = 0;
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.startsWith(chat)) ours.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (ours.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(shop, { waitUntil: 'networkidle' });
  await context.close();
  return { requests: ours.size, bytes };
}

const system = await startSystem();
try {
  const shop = system.shop.origin;
  const keys = await typeDrafts(shop);
  const unlimited = await typeDrafts(shop, UNLIMITED);

  const browser = await launch();
  const openings = [];
  for (const _ of Array(OPENINGS)) openings.push(await open(browser, shop));
  const before = await beforeIntent(browser, shop, system.worker.origin);
  await browser.close();

  const tasks = openings.flatMap(({ tasksMs }) => tasksMs);
  print({
    keystroke_to_paint: spread('ms', keys.map((key) => key.paintedAt - key.keyAt)),
    keystroke_to_paint_unlimited: spread('ms', unlimited.map((key) => key.paintedAt - key.keyAt)),
    engine: spread('ms', unlimited.map((key) => key.repliedAt - key.askedAt)),
    open_to_first_suggestion: spread('ms', openings.map((opening) => opening.toFirstSuggestionMs)),
    main_thread_tasks_while_opening: {
      unit: 'ms',
      max: Number(Math.max(...tasks).toFixed(1)),
      longer_than_50: tasks.filter((ms) => ms > LONG_TASK_MS).length,
      openings: OPENINGS,
    },
    before_intent: { unit: 'bytes on the wire', ...before },
  });
} finally {
  await system.stop();
}
