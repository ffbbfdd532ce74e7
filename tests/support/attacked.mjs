/** A worker whose model obeys whom it should not, with the order of a stranger in its table. */

import assert from 'node:assert/strict';

import { converse, history, send, turn } from './api.mjs';
import { loadOrders, withOrders } from './orders.mjs';
import { startProvider } from './provider.mjs';
import { events, textOf } from './sse.mjs';
import { NO_LIMITS, SHOP, startWorker } from './worker.mjs';

/** Somebody else's order. */
export const FOREIGN_ORDER = {
  number: 'H-100',
  email: 'bea@customer.example',
  customer: 'bea',
  state: 'shipped',
  placed_at_ms: 1_772_009_430_000,
  currency: 'GBP',
  total_minor: 1250,
  shipping_minor: 0,
  lines: [{ sku: '22423', title: 'Lantern Alley Print', quantity: 1, price_minor: 1250 }],
};

/** What only whoever placed that order may be told. */
const FOREIGN_WORDS = [FOREIGN_ORDER.email, FOREIGN_ORDER.lines[0]?.title ?? ''];

/**
 * Starts the worker and its model.
 * @param {NonNullable<Parameters<typeof startProvider>[0]>} act what the model does
 * @param {Parameters<typeof startWorker>[0]} [options]
 */
export async function startAttacked(act, options) {
  const provider = await startProvider(act);
  const llm = { url: provider.url };
  const worker = await startWorker({ ...options, llm, shop: NO_LIMITS, env: withOrders(SHOP) });
  assert.equal(await loadOrders(worker, [FOREIGN_ORDER]), 1);
  return {
    /**
     * Asks in a conversation of its own: the events of the answer, the message that is kept of it,
     * and what the model was asked.
     * @param {string} text
     */
    async ask(text) {
      const from = provider.completions.length;
      const conversation = await converse(worker);
      const answer = await events(await send(worker, conversation, turn(text)));
      assert.equal(answer.at(-1)?.data.type, 'done', text);
      const { messages } = await history(worker, conversation);
      return { answer, message: messages[1], asked: provider.completions.slice(from) };
    },
    stop: () => Promise.all([worker.kill(), provider.stop()]),
  };
}

/** @typedef {Awaited<ReturnType<typeof startAttacked>>} Attacked */

/**
 * Requires that every tool refused, nothing was asked of the team, no forbidden word was shown and
 * nothing of the stranger was told.
 * @param {Awaited<ReturnType<Attacked['ask']>>} asked
 * @param {string[]} told what the tools answered to the orders
 * @param {string[]} never words that nobody may read
 */
export function assertHarmless({ answer, message }, told, never) {
  for (const result of told) assert.match(result, /"error"/);
  assert.deepEqual(message.requested ?? [], []);
  for (const word of never) {
    assert.ok(!textOf(answer).includes(word), textOf(answer));
    assert.ok(!message.text.includes(word), message.text);
  }
  for (const secret of FOREIGN_WORDS) {
    assert.ok(!told.join().includes(secret), told.join());
  }
}
