/** Questions and answers of a conversation: streamed, stopped, tried again, found again. */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { assertGrowing } from '../support/chat.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem, startSystemWithModel } from '../support/system.mjs';

/** How long the provider's connection may live on after the shopper has left. */
const CLOSE_MS = 1000;

const QUESTION = 'Which of your teapots would suit my grandmother best?';

const grounded = stage(startSystem);
const withModel = stage(startSystemWithModel);

/**
 * Asks, and has the model begin its answer.
 * @param {any} scene
 * @param {string} [question]
 */
async function begun({ page, chat, shop, system }, question = QUESTION) {
  await page.goto(shop);
  await chat.open();
  await chat.send(question);
  const completion = await system.provider.next();
  completion.say('The blue o');
  await chat.reads('The blue');
  return completion;
}

grounded('an answer of the shop streams in over several paints', { engine: false }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.watchPaints();
  await chat.send('How long do I have to return something?');
  assert.match(await chat.answered(), /30 days/);
  const texts = await chat.painted();
  assertGrowing(texts);
  assert.ok(texts.length >= 4, `${texts.length} different texts were painted`);
  await chat.sources.first().waitFor();
});

grounded('an answer about products brings cards', { engine: false }, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send('Do you have a regency cakestand?');
  await chat.answered();
  const card = chat.products.first();
  await card.waitFor();
  assert.match(await card.locator('.product__title').innerText(), /cake ?stand/i);
  assert.match(await card.locator('.price').innerText(), /£\d+\.\d\d/);
  await card.locator('.product__title').click();
  await page.waitForURL(/\/products\//);
});

grounded('a question that the engine can answer needs no waiting', {}, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  await chat.type('what is your returns policy');
  await chat.suggestions.first().waitFor();
  await page.keyboard.press('Enter');
  assert.match(await chat.answered(), /return/i);
});

withModel('what is asked of one order is asked of the worker', {}, async (scene) => {
  const { page, chat, shop, system } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.engineIsReady();
  // Without its number the shop's page on parcels answers it on the device.
  await chat.type('where is my order #1042');
  await chat.suggestions.first().waitFor();
  await page.keyboard.press('Enter');
  const completion = await system.provider.next();
  completion.say('Which e-mail address was it placed with? ');
  completion.finish();
  assert.match(await chat.answered(), /Which e-mail address/);
});

grounded('a starter asks its question', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await page.locator('aisle-chat .starter').first().click();
  await chat.questions.filter({ hasText: 'How long does delivery take?' }).waitFor();
  assert.match(await chat.answered(), /deliver/i);
});

grounded('after a reload the conversation is still there', {}, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.open();
  await chat.send('How long do I have to return something?');
  const first = await chat.answered();
  await chat.send('regency cakestand');
  await chat.answered();
  await chat.products.first().waitFor();
  const titles = await chat.products.locator('.product__title').allInnerTexts();
  await eventually('both turns are kept', () => kept(page, 4));

  await page.reload();
  await chat.open();
  await eventually('the messages are back', async () => (await chat.answers.count()) === 2);
  assert.deepEqual(
    (await chat.questions.allInnerTexts()).map((text) => text.replace(/^You:\s*/, '')),
    ['How long do I have to return something?', 'regency cakestand'],
  );
  assert.match(await chat.answers.first().innerText(), /30 days/);
  assert.ok(first.length > 0);
  assert.deepEqual(await chat.products.locator('.product__title').allInnerTexts(), titles);

  await page.goto(`${shop}/cart`);
  await chat.open();
  await eventually('on another page, too', async () => (await chat.answers.count()) === 2);
});

withModel('text is painted as the model writes it', { engine: false }, async (scene) => {
  const { page, chat, shop, system } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.watchPaints();
  await chat.send(QUESTION);
  const completion = await system.provider.next();
  await page.locator('aisle-chat .typing').waitFor();
  for (const [words, text] of [
    ['The blue t', 'The blue'],
    ['eapot p', 'The blue teapot'],
    ['ours best. Always', 'The blue teapot pours best.'],
  ]) {
    completion.say(words);
    // The model says no more before the page shows this much.
    await chat.reads(text);
  }
  await chat.stopButton.waitFor();
  completion.finish();
  assert.equal(await chat.answered(), 'The blue teapot pours best. Always');
  assertGrowing(await chat.painted());
});

withModel('the marks of an answer lead to its sources', { engine: false }, async (scene) => {
  const { page, chat, shop, system } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.watchPaints();
  await chat.send('How long do I have to return something?');
  const completion = await system.provider.next();
  completion.say('You have 30 days [1] from delivery. N');
  await chat.reads('You have 30 days [1] from delivery.');
  // Its sources come with the end of an answer; until then a mark only looks like one.
  assert.equal(await chat.marks.count(), 0);
  completion.say('o fee [9]. Abroad as well [1].');
  completion.finish();
  await chat.sources.first().waitFor();
  assert.equal(
    await chat.answered(),
    'You have 30 days [1] from delivery. No fee. Abroad as well [1].',
  );
  assertGrowing(await chat.painted());
  assert.equal(await chat.marks.count(), 2);
  const title = await chat.sources.first().innerText();
  const href = await chat.sources.first().getAttribute('href');
  const mark = chat.lastText.getByRole('link', { name: `Source 1: ${title}` }).first();
  assert.equal(await mark.getAttribute('href'), href);

  await page.reload();
  await chat.open();
  await chat.reads('You have 30 days');
  await chat.marks.last().click();
  await page.waitForURL((url) => url.pathname === href);
});

withModel('a stopped answer stays as it is, and can be asked for again', { engine: false }, async (scene) => {
  const { page, chat, system } = scene;
  const first = await begun(scene);
  const stoppedAt = performance.now();
  await chat.stopButton.click();
  const { at, isWhole } = await first.closed;
  assert.equal(isWhole, false);
  assert.ok(at - stoppedAt <= CLOSE_MS, `the provider was left after ${at - stoppedAt} ms`);
  await chat.ending.filter({ hasText: 'Stopped.' }).waitFor();
  assert.equal(await chat.text(), 'The blue');

  await chat.retry.click();
  const second = await system.provider.next();
  second.say('The red one.');
  second.finish();
  await chat.reads('The red one.');
  assert.equal(await chat.answered(), 'The red one.');
  assert.equal(await chat.ending.count(), 0);
  assert.equal(await chat.questions.count(), 1);

  await page.reload();
  await chat.open();
  await chat.reads('The red one.');
  assert.equal(await chat.answers.count(), 1);
});

withModel('leaving in the middle of an answer ends it at the model, too', { engine: false }, async (scene) => {
  const { page, chat, shop, system } = scene;
  const completion = await begun(scene);
  const leftAt = performance.now();
  await page.goto('about:blank');
  const { at, isWhole } = await completion.closed;
  assert.equal(isWhole, false);
  assert.ok(at - leftAt <= CLOSE_MS, `the provider was left after ${at - leftAt} ms`);

  await page.goto(shop);
  await chat.open();
  // Nobody stopped it, so whoever is back gets the answer without asking.
  const again = await system.provider.next();
  again.say('The green one.');
  again.finish();
  await chat.reads('The green one.');
  assert.equal(await chat.questions.count(), 1);
});

withModel('an answer goes on after the worker was killed under it', {
  engine: false,
  expected: [/net::ERR_/],
}, async (scene) => {
  const { chat, system } = scene;
  await begun(scene);
  await system.worker.kill();
  await system.worker.start();
  const again = await system.provider.next();
  again.say('The red one.');
  again.finish();
  assert.equal(await chat.answered(), 'The red one.');
  assert.equal(await chat.ending.count(), 0);
});

withModel('another tab reads the answer that is being written', { engine: false }, async (scene) => {
  const { page, chat, shop } = scene;
  const completion = await begun(scene);
  const other = await page.context().newPage();
  await other.goto(shop);
  await other.locator('aisle-chat .launcher').click();
  const shown = other.locator('aisle-chat .bubble--assistant');
  await shown.filter({ hasText: 'The blue' }).waitFor();
  completion.say('ne.');
  completion.finish();
  await shown.filter({ hasText: 'The blue one.' }).waitFor();
  assert.equal(await chat.answered(), 'The blue one.');
  await other.close();
});

withModel('the last message is edited, also while it is being answered', { engine: false }, async (scene) => {
  const { page, chat, system } = scene;
  const first = await begun(scene, 'Which teapot?');
  await page.locator('aisle-chat').getByRole('button', { name: 'Edit' }).click();
  assert.equal(await chat.composer.inputValue(), 'Which teapot?');
  await chat.send('Which mug?');
  const second = await system.provider.next();
  second.say('The striped one.');
  second.finish();
  await chat.reads('The striped one.');
  assert.equal((await first.closed).isWhole, false);
  const questions = await chat.questions.allInnerTexts();
  assert.deepEqual(questions.map((text) => text.replace(/^You:\s*/, '')), ['Which mug?']);

  await page.reload();
  await chat.open();
  await chat.reads('The striped one.');
  assert.equal(await chat.questions.count(), 1);
});

withModel('closing the panel does not end an answer', { engine: false }, async (scene) => {
  const { page, chat } = scene;
  const completion = await begun(scene);
  await chat.close.click();
  await chat.panel.waitFor({ state: 'hidden' });
  completion.say('ne.');
  completion.finish();
  await page.locator('aisle-chat .launcher[data-unread]').waitFor();
  assert.match((await chat.launcher.getAttribute('aria-label')) ?? '', /new message/);
  await chat.open();
  assert.equal(await chat.answered(), 'The blue one.');
  assert.equal(await page.locator('aisle-chat .launcher[data-unread]').count(), 0);
});

withModel('a model that fails in mid-answer is told, and retried', { engine: false }, async (scene) => {
  const { chat, system } = scene;
  const first = await begun(scene);
  first.cut();
  await chat.ending.filter({ hasText: 'did not get through' }).waitFor();
  assert.equal(await chat.text(), 'The blue o');
  await chat.retry.click();
  const second = await system.provider.next();
  second.say('The red one.');
  second.finish();
  await chat.reads('The red one.');
});

withModel('markup of a model is shown as text', { engine: false }, async (scene) => {
  const { page, chat, shop, system } = scene;
  await page.goto(shop);
  await chat.open();
  await chat.send('<img src=x onerror=alert(1)>');
  const text = '<script>alert(1)</script> <b onclick="alert(1)">x</b>';
  const completion = await system.provider.next();
  completion.say(text);
  completion.finish();
  assert.equal(await chat.answered(), text);
  const made = page.locator('aisle-chat .transcript :is(img, script, b, a)');
  assert.equal(await made.count(), await page.locator('aisle-chat .transcript .chip').count());
});

/**
 * Whether the worker has so many messages of the page's conversation.
 * @param {import('playwright-core').Page} page
 * @param {number} count
 */
async function kept(page, count) {
  return page.evaluate(async (count) => {
    const id = localStorage.getItem('aisle:demo:conversation');
    const script = /** @type {HTMLScriptElement} */ (document.querySelector('script[data-shop]'));
    const url = new URL(`/v1/shops/demo/conversations/${id}/messages`, script.src);
    const session = localStorage.getItem('aisle:demo:session') ?? '';
    const response = await fetch(url, { headers: { 'x-aisle-session': session } });
    const { messages } = await response.json();
    const isWhole = messages.every((/** @type {any} */ message) => message.status === 'complete');
    return isWhole && messages.length === count;
  }, count);
}
