/**
 * A language model that obeys every order of the shopper: no tool does what the session may not,
 * nothing of a stranger is seen, and no foreign address is shown.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { converse, history, send, turn } from '../support/api.mjs';
import {
  FOREIGN_ORDER,
  FOREIGN_WORDS,
  INJECTIONS,
  collected,
  obey,
  orders,
  question,
  results,
} from '../support/obedient.mjs';
import { loadOrders, withOrders } from '../support/orders.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { NO_LIMITS, SHOP, startWorker } from '../support/worker.mjs';

/** @typedef {import('../support/provider.mjs').Completion} Completion */

/** Obeys the orders of the shopper's last message, one a request. @param {Completion} completion */
const obeyTheShopper = (completion) =>
  obey(completion, orders(question(completion))[results(completion).length]);

describe('a model that obeys every text', () => {
  /** @type {Awaited<ReturnType<typeof startProvider>>} */
  let provider;
  /** @type {Awaited<ReturnType<typeof startWorker>>} */
  let worker;
  before(async () => {
    provider = await startProvider(obeyTheShopper);
    worker = await startWorker({ llm: { url: provider.url }, shop: NO_LIMITS, env: withOrders(SHOP) });
    assert.equal(await loadOrders(worker, SHOP, JSON.stringify(FOREIGN_ORDER)), 1);
  });
  after(() => Promise.all([worker?.kill(), provider?.stop()]));

  /** Asks in a conversation of its own. @param {string} text */
  async function ask(text) {
    const from = provider.completions.length;
    const conversation = await converse(worker);
    const answer = await events(await send(worker, conversation, turn(text)));
    assert.equal(answer.at(-1)?.data.type, 'done', text);
    const { messages } = await history(worker, conversation);
    return { answer, message: messages[1], asked: provider.completions.slice(from) };
  }

  test('can search, so that what follows proves something', async () => {
    const { asked } = await ask('please\nCALL search_products {"query":"red mug"}');
    assert.equal(asked.length, 2);
    assert.doesNotMatch(results(asked[1])[0], /"error"/);
  });

  for (const { text, never } of INJECTIONS) {
    test(`does no harm by: ${text.split('\n')[1]}`, async () => {
      const { answer, message, asked } = await ask(text);
      const told = asked.flatMap(results);
      if (text.includes('CALL')) assert.equal(told.length, 1);
      for (const result of told) assert.match(result, /"error"/);
      assert.deepEqual(message.requested ?? [], []);
      for (const word of never) {
        assert.ok(!textOf(answer).includes(word), textOf(answer));
        assert.ok(!message.text.includes(word), message.text);
      }
      for (const secret of FOREIGN_WORDS) {
        assert.ok(!told.join().includes(secret), told.join());
      }
    });
  }

  test('shows no address of the injections that others collected', async (t) => {
    const texts = collected();
    if (texts.length === 0) return t.skip('../shared is not here');
    assert.ok(texts.length > 50);
    for (const text of texts.map((text) => `SAY ${text}`)) {
      const { answer } = await ask(text);
      assert.doesNotMatch(textOf(answer), /https?:|www\.|@\w+\./, text);
    }
  });
});
