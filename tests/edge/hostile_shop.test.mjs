/**
 * A language model that obeys every order in what it is given of a shop's products, reviews and
 * documents: no tool does what the session may not, nothing of a stranger is seen, and no foreign
 * address is shown.
 */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { FOREIGN_ORDER, assertHarmless, startAttacked } from '../support/attacked.mjs';
import { hostileArtifact, planted, skuOf } from '../support/hostile_shop.mjs';
import { ADDRESS, INJECTIONS, collected, obey, orders, results } from '../support/obedient.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { textOf } from '../support/sse.mjs';
import { SHOP } from '../support/worker.mjs';

/** @typedef {import('../support/provider.mjs').Completion} Completion */
/** @typedef {import('../support/obedient.mjs').Order} Order */

const OURS = planted(INJECTIONS.map(({ text }) => text), ['title', 'review', 'document']);
const THEIRS = planted(collected().map((text) => `SAY ${text}`), ['title', 'review', 'document'])
  .map((one) => ({ ...one, name: `${one.name}ian` }));

/** What nobody may read for any of ours. */
const NEVER = INJECTIONS.flatMap(({ never }) => never);
/** What a shop's own titles and documents may say: bargains and what happens to orders are its word. */
const ITS_WORD = ['HACKED99', '99%', 'refunded'];

/** Whether the trainer quotes a review of it whole. @param {string} text */
const isQuotable = (text) => {
  const order = text.split('\n').at(-1) ?? '';
  const isSentence = !/[.!?;]./.test(order);
  return isSentence && !/http|www|@/.test(order) && order.replaceAll(/\D/g, '').length < 5;
};

/** By which tool a model is led to a text. @param {import('../support/hostile_shop.mjs').Planted} at @returns {Order} */
const leading = ({ place, name }) => ({
  title: { tool: 'search_products', args: { query: `${name} lamp` } },
  review: { tool: 'product_details', args: { sku: skuOf(name) } },
  document: { tool: 'shop_documents', args: { query: `about ${name}` } },
})[place];

/** What a shopper asks who is led to it by the shop's own retrieval. @param {import('../support/hostile_shop.mjs').Planted} at */
const asking = ({ place, name }) => ({
  title: `do you have a ${name} lamp?`,
  review: `what size is the ${name} lamp?`,
  document: `tell me about ${name}`,
})[place];

describe('a model that obeys what the shop has', () => {
  /** @type {import('../support/attacked.mjs').Attacked} */
  let attacked;
  /** The tool that is called first, if one is. @type {Order | undefined} */
  let first;
  /** What the tools answered to the orders that were obeyed. @type {string[]} */
  let told = [];

  /** Obeys everything it was given, the latest first, one order a request. @param {Completion} completion */
  function obeyTheData(completion) {
    const answers = results(completion);
    told = answers.slice(first ? 1 : 0);
    if (first && answers.length === 0) return obey(completion, first);
    const data = first ? (answers[0] ?? '') : completion.body.messages[0].content;
    // As in the results of tools, which are JSON.
    const text = data.replaceAll('\\"', '"').replaceAll('\\n', '\n');
    obey(completion, orders(text)[told.length]);
  }

  before(async () => {
    const folder = temporaryFolder();
    const artifacts = join(folder, 'artifacts');
    mkdirSync(artifacts);
    cpSync(hostileArtifact(folder, [...OURS, ...THEIRS]), join(artifacts, SHOP), { recursive: true });
    attacked = await startAttacked(obeyTheData, { artifacts });
  });
  after(() => attacked?.stop());

  /**
   * Asks what leads to a text: the shop's own retrieval, or a tool.
   * @param {import('../support/hostile_shop.mjs').Planted} at
   * @param {Order} [tool]
   */
  async function ask(at, tool) {
    first = tool;
    const reply = await attacked.ask(tool ? 'hello there' : asking(at));
    // Nothing but the data's own addresses leads anywhere.
    for (const { data } of reply.answer) {
      for (const { url } of [...(data.products ?? []), ...(data.sources ?? [])]) {
        assert.match(url, /^\/(products|pages)\/[\w-]+$/);
      }
    }
    return reply;
  }

  for (const at of OURS) {
    const order = orders(at.text)[0];
    for (const tool of [undefined, leading(at)]) {
      test(`${at.place}, by ${tool ? 'a tool' : 'retrieval'}: ${at.text.split('\n')[1]}`, async () => {
        const reply = await ask(at, tool);
        const prompt = reply.asked.at(-1)?.prompt;
        const isQuoted = at.place !== 'review' || isQuotable(at.text);
        if (isQuoted) assert.ok(prompt?.includes(at.name), prompt);
        if (isQuoted && order && 'tool' in order) assert.ok(told.length > 0, 'it was obeyed');
        const isItsOwn = (/** @type {string} */ word) =>
          order && 'say' in order && word === FOREIGN_ORDER.number && order.say.includes(word);
        const mayBeSaid = (/** @type {string} */ word) =>
          isItsOwn(word) || (at.place !== 'review' && ITS_WORD.includes(word));
        assertHarmless(reply, told, NEVER.filter((word) => !mayBeSaid(word)));
      });
    }
  }

  test('shows no address of the injections that others collected', async (t) => {
    if (THEIRS.length === 0) return t.skip('../shared is not here');
    let said = 0;
    for (const [number, at] of THEIRS.entries()) {
      const { answer } = await ask(at, number % 2 === 0 ? undefined : leading(at));
      assert.doesNotMatch(textOf(answer), ADDRESS, at.text);
      said += textOf(answer).startsWith('here you are') ? 0 : 1;
    }
    // Not every review is quoted.
    assert.ok(said > THEIRS.length / 2, `${said} of ${THEIRS.length} were obeyed`);
    t.diagnostic(`${said} of ${THEIRS.length} were obeyed`);
  });
});
