/** The most that a shop spends in a day: of many for the last unit, one gets it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv, administer } from '../support/admin.mjs';
import { converse, send, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { startWorker } from '../support/worker.mjs';

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
    env: adminEnv,
  });
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** What the shop has spent, all days together. @param {typeof worker} [of] */
const spent = async (of = worker) => {
  const response = await administer(of, '/spend');
  assert.equal(response.status, 200, await response.clone().text());
  const { days } = await response.json();
  const sum = { requests: 0, refused: 0, input_tokens: 0, output_tokens: 0, micros: 0 };
  for (const day of days) {
    for (const name of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) sum[name] += day[name];
  }
  return sum;
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
  const after = await spent();
  assert.deepEqual([after.requests, after.refused], [CAP, SHOPPERS - CAP + 1]);
  void model;
});

test('providers that fail before they answer take nothing of the day', async () => {
  const good = (/** @type {import('../support/provider.mjs').Completion} */ completion) => {
    completion.say('Model speaking');
    completion.finish({ input: 100, output: 5 });
  };
  const doubles = await Promise.all([
    startProvider((completion) => completion.refuse(500)),
    startProvider((completion) => completion.cut()),
    startProvider(good),
  ]);
  // A million tokens cost 1 to read and 2 to write: the good answer 110 millionths. The cap leaves
  // room for one request at a time, and not for failures that are paid for.
  const settings = doubles.map(({ url }, at) => ({
    name: `provider-${at}`, kind: 'openai', url, model: 'm', input_price: 1, output_price: 2,
  }));
  const failing = await startWorker({
    shop: { spend: { micros_per_day: 12_000 } },
    env: { ...adminEnv, AISLE_PROVIDERS: JSON.stringify(settings) },
  });
  try {
    const response = await send(failing, await converse(failing), turn('do you ship to Norway?'));
    assert.match(await response.text(), /Model speaking/);
    const asked = doubles.map(({ completions }) => completions.length);
    assert.deepEqual(asked, [2, 2, 1]);
    await eventually('all is counted', async () => (await spent(failing)).requests === 5);
    assert.deepEqual(await spent(failing), {
      requests: 5, refused: 0, input_tokens: 100, output_tokens: 5, micros: 110,
    });
  } finally {
    await failing.kill();
    await Promise.all(doubles.map((double) => double.stop()));
  }
});
