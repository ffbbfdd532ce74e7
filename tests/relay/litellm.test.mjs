/**
 * The relay of a provider that is not ours: LiteLLM's proxy with a canned answer. It is there
 * where AISLE_LITELLM names its program; `cargo xtask test` installs it, and says so where it
 * cannot.
 */

import assert from 'node:assert/strict';

import { stage } from '../support/browser.mjs';
import { KEY, MODEL, startLiteLlm } from '../support/litellm.mjs';
import { litellm } from '../support/paths.mjs';
import { eventually } from '../support/poll.mjs';
import { startRecorder } from '../support/recorder.mjs';
import { startSystem } from '../support/system.mjs';

const ANSWER = `Thank you for asking. ${Array.from(
  { length: 12 },
  (_, at) => `This is sentence number ${at + 1} of a long answer.`,
).join(' ')}`;

/** Frames that are let through before an answer is held back in its middle. */
const FRAMES = 12;

/** How long the provider's connection may live on after the shopper has left. */
const CLOSE_MS = 1000;

async function startRelay() {
  const provider = await startLiteLlm(ANSWER);
  const recorder = await startRecorder(provider.origin);
  const llm = { url: `${recorder.origin}/v1`, model: MODEL, key: KEY };
  const system = await startSystem({ llm });
  return {
    ...system,
    recorder,
    async stop() {
      await system.stop();
      await recorder.stop();
      await provider.kill();
    },
  };
}

if (litellm) {
  const scenario = stage(startRelay);

  /**
   * Asks, and waits until the first words of an answer that is held back are painted.
   * @param {Parameters<Parameters<typeof scenario>[2]>[0]} scene
   */
  const askAndHold = async ({ page, chat, system, shop }) => {
    system.recorder.hold(FRAMES);
    await page.goto(shop);
    await chat.open();
    await chat.watchPaints();
    await chat.send('How long do I have to return something?');
    await chat.reads('Thank you');
    const exchange = system.recorder.exchanges.at(-1);
    assert.ok(exchange);
    await eventually('the answer is held back', () => exchange.frames.length === FRAMES);
    return exchange;
  };

  scenario('tokens are painted as they arrive', { engine: false }, async (scene) => {
    const { chat, system } = scene;
    const exchange = await askAndHold(scene);
    const half = await chat.text();
    assert.ok(ANSWER.startsWith(half) && half.length < ANSWER.length / 2, half);

    system.recorder.release();
    assert.equal(await chat.answered(), ANSWER);
    const painted = await chat.painted();
    assert.ok(painted.length >= 3, `${painted.length} different texts were painted`);
    assert.ok((await exchange.closed).isWhole);

    assert.equal(exchange.path, '/v1/chat/completions');
    assert.equal(exchange.body.model, MODEL);
    const prompt = JSON.stringify(exchange.body.messages);
    assert.match(prompt, /30 days/);
    assert.match(prompt, /How long do I have to return something\?/);
  });

  scenario('the provider is left when the shopper leaves', { engine: false }, async (scene) => {
    const exchange = await askAndHold(scene);
    const leftAt = performance.now();
    await scene.page.goto('about:blank');
    const { at, isWhole } = await exchange.closed;
    assert.equal(isWhole, false);
    assert.ok(at - leftAt <= CLOSE_MS, `closed after ${at - leftAt} ms`);
    await exchange.upstreamClosed;
  });

  scenario('the provider is left when the shopper stops the answer', { engine: false }, async (scene) => {
    const { chat } = scene;
    const exchange = await askAndHold(scene);
    const stoppedAt = performance.now();
    await chat.stopButton.click();
    const { at, isWhole } = await exchange.closed;
    assert.equal(isWhole, false);
    assert.ok(at - stoppedAt <= CLOSE_MS, `closed after ${at - stoppedAt} ms`);
    await chat.ending.filter({ hasText: 'Stopped.' }).waitFor();
    await exchange.upstreamClosed;
  });
} else {
  console.log('note  AISLE_LITELLM names no program: the relay of LiteLLM is not tested');
}
