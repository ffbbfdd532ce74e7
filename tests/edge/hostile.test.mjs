/**
 * A language model that obeys every order of the shopper: no tool does what the session may not,
 * nothing of a stranger is seen, and no foreign address is shown.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertHarmless, startAttacked } from '../support/attacked.mjs';
import { ADDRESS, INJECTIONS, collected, obeyShopper, results } from '../support/obedient.mjs';
import { textOf } from '../support/sse.mjs';

describe('a model that obeys every text', () => {
  /** @type {import('../support/attacked.mjs').Attacked} */
  let attacked;
  before(async () => {
    attacked = await startAttacked(obeyShopper);
  });
  after(() => attacked?.stop());

  test('can search, so that what follows proves something', async () => {
    const { asked } = await attacked.ask('please\nCALL search_products {"query":"red mug"}');
    assert.equal(asked.length, 2);
    assert.doesNotMatch(results(asked[1])[0], /"error"/);
  });

  for (const { text, never } of INJECTIONS) {
    test(`does no harm by: ${text.split('\n')[1]}`, async () => {
      const reply = await attacked.ask(text);
      const told = reply.asked.flatMap(results);
      if (text.includes('CALL')) assert.equal(told.length, 1);
      assertHarmless(reply, told, never);
    });
  }

  test('shows no address of the injections that others collected', async (t) => {
    const texts = collected();
    if (texts.length === 0) return t.skip('../shared is not here');
    assert.ok(texts.length > 50);
    for (const text of texts.map((text) => `SAY ${text}`)) {
      const { answer } = await attacked.ask(text);
      assert.doesNotMatch(textOf(answer), ADDRESS, text);
    }
  });
});
