/** The chat when a part of it is missing: degraded openly, nothing lost, nothing silent. */

import assert from 'node:assert/strict';

import { WITHOUT_ENGINE, stage } from '../support/browser.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(startSystem);

const QUESTION = 'How long do I have to return something?';

/** What the browser says of a server that is not there. */
const REFUSED = /net::ERR_(CONNECTION|INCOMPLETE|EMPTY)/;

scenario('without the engine the worker answers everything', { engine: false }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.type('regency cakestand');
  await page.keyboard.press('Enter');
  await chat.answered();
  await chat.products.first().waitFor();
  assert.equal(await chat.suggestions.count(), 0);
  await chat.send(QUESTION);
  assert.match(await chat.answered(), /30 days/);
});

for (const file of ['manifest.json', 'index.bin']) {
  const expected = [...WITHOUT_ENGINE, /status of 503/];
  scenario(`without the artifact's ${file} the worker answers`, { expected }, async (scene) => {
    const { page, chat, shop } = scene;
    await page.route(`**/artifacts/**/${file}`, (route) => route.fulfill({ status: 503 }));
    await page.goto(shop);
    await chat.open();
    await chat.send(QUESTION);
    assert.match(await chat.answered(), /30 days/);
  });
}

scenario('a damaged artifact is refused, and the worker answers', { expected: WITHOUT_ENGINE }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.route('**/artifacts/**/index.bin', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] ^= 1;
    await route.fulfill({ response, body });
  });
  const refused = page.waitForEvent('console', (message) => message.text().startsWith('aisle: engine'));
  await page.goto(shop);
  await chat.open();
  await refused;
  await chat.send(QUESTION);
  assert.match(await chat.answered(), /30 days/);
});

scenario('a worker that is down is told, and the message is there when it is back', {
  engine: false,
  expected: [REFUSED],
}, async ({ page, chat, shop, system }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send(QUESTION);
  await chat.answered();
  await system.worker.kill();
  try {
    await chat.send('And what about sale items?');
    await chat.ending.filter({ hasText: 'did not get through' }).waitFor();
    await chat.retry.click();
    await chat.ending.filter({ hasText: 'did not get through' }).waitFor();
  } finally {
    await system.worker.start();
  }
  await chat.retry.click();
  await chat.answered();
  assert.equal(await chat.ending.count(), 0);
  assert.equal(await chat.answers.count(), 2);
  assert.equal(await chat.questions.count(), 2);
});

scenario('a first message to a worker that is down is not lost either', {
  engine: false,
  expected: [REFUSED],
}, async ({ page, chat, shop, system }) => {
  await page.goto(shop);
  await chat.open();
  await system.worker.kill();
  try {
    await chat.send(QUESTION);
    await chat.ending.filter({ hasText: 'did not get through' }).waitFor();
  } finally {
    await system.worker.start();
  }
  await chat.retry.click();
  assert.match(await chat.answered(), /30 days/);
});

scenario('the engine answers while the worker is down, and the worker learns of it later', {
  expected: [REFUSED],
}, async ({ page, chat, shop, system }) => {
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type('how long do i have to return');
  const answer = chat.suggestedAnswers.first();
  await answer.waitFor();
  await system.worker.kill();
  let told = '';
  try {
    await answer.click();
    told = await chat.answered();
    assert.match(told, /30 days/);
    assert.equal(await chat.ending.count(), 0);
  } finally {
    await system.worker.start();
  }
  const kept = page.waitForResponse((response) => response.url().endsWith('/turns') && response.ok());
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await (await kept).finished();
  await page.reload();
  await chat.open();
  await chat.reads(told);
});

scenario('a history that cannot be had is told and can be asked for again', {
  engine: false,
  expected: [REFUSED],
}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send(QUESTION);
  const told = await chat.answered();
  let isDown = true;
  await page.route('**/messages?after=*', (route) =>
    isDown ? route.abort('connectionrefused') : route.continue());
  await page.reload();
  await chat.open();
  await chat.notice.filter({ hasText: 'could not be loaded' }).waitFor();
  isDown = false;
  await chat.notice.getByRole('button', { name: 'Try again' }).click();
  await chat.reads(told);
  assert.equal(await chat.notice.count(), 0);
});

scenario('a conversation that the worker does not know is begun anew', {
  engine: false,
  expected: [/status of 404/],
}, async ({ page, chat, shop }) => {
  await page.addInitScript(() => {
    const key = 'aisle:demo:conversation';
    if (!localStorage.getItem(key)) localStorage.setItem(key, 'f'.repeat(32));
  });
  await page.goto(shop);
  await chat.open();
  await chat.send(QUESTION);
  assert.match(await chat.answered(), /30 days/);
  const id = await page.evaluate(() => localStorage.getItem('aisle:demo:conversation'));
  assert.notEqual(id, 'f'.repeat(32));
});

scenario('a chat that cannot be loaded leaves a way to write', {
  expected: [/^aisle: the chat could not be loaded/, /net::ERR_FAILED/],
}, async ({ page, chat, shop }) => {
  await page.route('**/assets/widget-*.wasm', (route) => route.abort());
  await page.goto(shop);
  await chat.launcher.click();
  const apology = page.locator('aisle-chat .apology');
  await apology.waitFor();
  const href = await apology.getByRole('link', { name: 'Contact us' }).getAttribute('href');
  assert.equal(href, '/pages/contact');
  await page.keyboard.press('Escape');
  await apology.waitFor({ state: 'detached' });
  await chat.focusReaches('.launcher');
});

scenario('a message that is too long is told before it is sent', { engine: false }, async (scene) => {
  const { page, chat, shop, requests } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.composer.fill('x'.repeat(2001));
  await chat.composer.press('Enter');
  await chat.notice.filter({ hasText: 'too long' }).waitFor();
  assert.equal((await chat.composer.inputValue()).length, 2001);
  assert.ok(!requests.some(({ url }) => url.includes('/conversations')));
  await chat.composer.fill('x'.repeat(2000));
  await chat.notice.waitFor({ state: 'detached' });
});
