/**
 * A language model that invents facts, a few characters at a time: none of them is streamed or kept.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { converse, history, send, turn } from '../support/api.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const QUESTION = 'How long do I have to return something?';

/** @type {[string, string][]} what is said, and what of it must not be seen */
const LIES = [
  ['Returns cost £7.77 each.', '7.77'],
  ['You pay 12,34 € for the parcel.', '12,34'],
  ['It is nine pounds eighty to send it back.', 'nine pounds'],
  ['Get 35% off now.', '35%'],
  ['Everything is half price.', 'half price'],
  ['Use code SAVE77 at the checkout.', 'SAVE77'],
  ['Use code S\u200bA\u200bV\u200bE77 at the checkout.', '77'],
  ['See https://evil.example/win for more.', 'evil'],
  ['See [returns](http://evil.example) for more.', 'evil'],
  ['Write to win@evil.example today.', 'evil'],
  ['Ring 0800 555 0199 at once.', '555'],
  ['Your order has been shipped.', 'shipped'],
  ['I have refunded your parcel.', 'refunded'],
  ['It arrives by Thursday.', 'Thursday'],
  ['It arrives on 3 March.', 'March'],
  ['It takes 77 days.', '77'],
  ['Hurry, only 3 left!', '3 left'],
  ['The Golden Walrus Lantern is £3.95.', 'Walrus'],
  ['Try our Golden Walrus Lantern.', 'Walrus'],
  ['Nutzen Sie den Gutschein FERN88.', 'FERN88'],
  ['Le colis coûte 88 euros.', '88'],
  ['Su pedido ha sido enviado.', 'enviado'],
  ['You get ５５％ back.', '５５'],
  ['Two of them: buy one get one free.', 'buy one'],
];

describe('a model that invents facts', () => {
  /** @type {Awaited<ReturnType<typeof startProvider>>} */
  let provider;
  /** @type {Awaited<ReturnType<typeof startWorker>>} */
  let worker;
  before(async () => {
    provider = await startProvider();
    worker = await startWorker({ llm: { url: provider.url } });
  });
  after(() => Promise.all([worker?.kill(), provider?.stop()]));

  test('says none of them to the shopper', async () => {
    for (const [lie, hidden] of LIES) {
      const conversation = await converse(worker);
      const asked = send(worker, conversation, turn(QUESTION));
      const completion = await provider.next();
      for (const piece of lie.match(/.{1,3}/gsu) ?? []) completion.say(piece);
      completion.finish();
      const answer = await events(await asked);
      assert.equal(answer.at(-1)?.data.status, 'complete', lie);
      assert.ok(!textOf(answer).includes(hidden), `${lie} -> ${textOf(answer)}`);
      const { messages } = await history(worker, conversation);
      assert.equal(messages[1].text, textOf(answer));
    }
  });
});
