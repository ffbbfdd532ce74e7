/** The most that a shop spends in a day: of many for the last unit, one gets it. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { converse, request, send, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { startWorker } from '../support/worker.mjs';

const KEY = 'a key of the tests';
/** Requests to the model that the shop allows in a day, and shoppers who ask. */
const [CAP, SHOPPERS] = [4, 24];

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
before(async () => {
  provider = await startProvider();
  worker = await startWorker({
    llm: { url: provider.url },
    shop: { spend: { requests_per_day: CAP } },
    env: { AISLE_ADMIN_KEYS: JSON.stringify({ test: createHash('sha256').update(KEY).digest('hex') }) },
  });
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

const spent = async () => {
  const headers = { authorization: `Bearer ${KEY}` };
  const response = await request(worker, '/v1/admin/shops/demo/spend', { headers });
  assert.equal(response.status, 200, await response.clone().text());
  const { days } = await response.json();
  return days.reduce(
    (/** @type {any} */ sum, /** @type {any} */ day) => ({
      requests: sum.requests + day.requests,
      refused: sum.refused + day.refused,
    }),
    { requests: 0, refused: 0 },
  );
};

/** Asks, and returns what was said. @param {number} at */
async function shopper(at) {
  const conversation = await converse(worker);
  const response = await send(worker, conversation, turn(`do you ship to Norway? ${at}`));
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.match(text, /"type":"done"/);
  return text.includes('Model speaking');
}

test('many turns at once are answered, as many by the model as the shop allows', async () => {
  const model = (async () => {
    for (;;) {
      const completion = await provider.next().catch(() => undefined);
      if (!completion) return;
      completion.say('Model speaking');
      completion.finish();
    }
  })();
  const byModel = await Promise.all(Array.from({ length: SHOPPERS }, (_, at) => shopper(at)));
  assert.equal(byModel.filter(Boolean).length, CAP);
  assert.equal(provider.completions.length, CAP);
  await eventually('what was spent is counted', async () => (await spent()).requests === CAP);
  assert.equal((await spent()).refused, SHOPPERS - CAP);
  // The cap outlives a kill.
  await worker.kill();
  await worker.start();
  assert.equal(await shopper(SHOPPERS), false);
  assert.deepEqual(await spent(), { requests: CAP, refused: SHOPPERS - CAP + 1 });
  void model;
});
