/** The chat on a phone, and between the sizes of screens. */

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { DESKTOP, PHONE, stage } from '../support/browser.mjs';
import { eventually } from '../support/poll.mjs';
import { startSystem } from '../support/system.mjs';

const scenario = stage(startSystem);

scenario('the panel fills the screen and keeps the page out', { device: PHONE }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.launcher.tap();
  await chat.composer.waitFor();
  const screen = { x: 0, y: 0, ...PHONE.viewport };
  await eventually('the panel fills the screen', async () =>
    isDeepStrictEqual(await chat.panel.boundingBox(), screen));
  assert.ok(await chat.panel.evaluate((panel) => panel.matches(':modal')), 'modal');
  const size = await chat.composer.evaluate((input) => parseFloat(getComputedStyle(input).fontSize));
  assert.ok(size >= 16, `${size}px makes a phone zoom in`);
  assert.ok(!(await chat.hasFocus('.composer__input')), 'the keyboard stays down');
  await chat.close.tap();
  await chat.panel.waitFor({ state: 'hidden' });
  await chat.focusReaches('.launcher');
});

scenario('what is recommended leaves the greeting in sight', { device: PHONE }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.launcher.tap();
  await chat.transcript.locator('.recommended .product').first().waitFor();
  await page.evaluate(() => new Promise((painted) => {
    requestAnimationFrame(() => requestAnimationFrame(painted));
  }));
  const place = await chat.transcript.evaluate((log) => ({
    top: log.scrollTop, isLonger: log.scrollHeight > log.clientHeight,
  }));
  assert.deepEqual(place, { top: 0, isLonger: true });
});

scenario('suggestions and answers by touch', { device: PHONE }, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.tap();
  await chat.composer.tap();
  await chat.engineIsReady();
  await page.keyboard.type('how long do i have to return');
  const answer = chat.suggestedAnswers.first();
  await answer.waitFor();
  const box = await answer.boundingBox();
  assert.ok(box && box.height >= 44, `${box?.height} px are too few for a finger`);
  await answer.tap();
  assert.match(await chat.answered(), /30 days/);
  assert.ok(await chat.hasFocus('.composer__input'), 'the keyboard stays up');
});

for (const [name, device] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  scenario(`nothing is wider than the panel on a ${name}`, { device, engine: false }, async (scene) => {
    const { page, chat, shop } = scene;
    await page.goto(shop);
    await chat.launcher.click();
    await chat.send('regency cakestand');
    await chat.products.first().waitFor();
    await chat.answered();
    await chat.send('How long do I have to return something?');
    await chat.sources.first().waitFor();
    await chat.send('x'.repeat(300));
    await chat.answered();
    const wide = await page.evaluate(() => {
      const shadow = document.querySelector('aisle-chat')?.shadowRoot;
      const panel = shadow?.querySelector('dialog');
      const edge = panel?.getBoundingClientRect().right ?? 0;
      return [...(panel?.querySelectorAll('*') ?? [])]
        .filter((element) => element.getBoundingClientRect().right > edge + 0.5)
        .map((element) => `${element.tagName} ${element.className}`);
    });
    assert.deepEqual(wide, []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
}

scenario('small buttons of the panel can be hit', { device: PHONE }, async ({ page, chat, shop }) => {
  await page.goto(shop);
  await chat.launcher.tap();
  await chat.send('regency cakestand');
  await chat.products.first().waitFor();
  const small = await page.evaluate(() => {
    const shadow = document.querySelector('aisle-chat')?.shadowRoot;
    const targets = [...(shadow?.querySelectorAll('dialog :is(button, .chip, .suggestion)') ?? [])];
    return targets
      .map((target) => ({ of: target.className, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ of, box }) => `${of} ${box.width}x${box.height}`);
  });
  assert.deepEqual(small, []);
});

scenario('turned or widened, the panel stays open in its other form', { device: PHONE }, async (scene) => {
  const { page, chat, shop } = scene;
  await page.goto(shop);
  await chat.launcher.tap();
  await chat.composer.waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.waitForFunction(() => {
    const panel = document.querySelector('aisle-chat')?.shadowRoot?.querySelector('dialog');
    return panel?.open && !panel.matches(':modal');
  });
  const box = await chat.panel.boundingBox();
  assert.ok(box && box.width < 600, 'it floats');
});
