/** Backup, restore and upgrade, as docs/self-hosting.md tells to do them. */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { converse, history, request, send, shopPath, turn } from '../support/api.mjs';
import { SHORT_PATIENCE_MS, Shopper } from '../support/crash.mjs';
import { loadOrders } from '../support/orders.mjs';
import { eventually } from '../support/poll.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf, until } from '../support/sse.mjs';
import { withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const provider = await startProvider();
after(() => provider.stop());

/** @type {Awaited<ReturnType<typeof startWorker>>[]} */
const workers = [];
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.kill())));

const start = async (/** @type {Parameters<typeof startWorker>[0]} */ options) => {
  const worker = await startWorker({ env: adminEnv, ...options });
  workers.push(worker);
  return worker;
};

/** A copy of a worker's data directory. @param {{disk: string}} worker */
function copied({ disk }) {
  const copy = join(temporaryFolder(), 'restored');
  cpSync(disk, copy, { recursive: true });
  return copy;
}

const ORDER = {
  number: '#1042', email: 'ann@shop.example', state: 'paid', placed_at_ms: 1_772_000_000_000,
  currency: 'GBP', lines: [{ sku: 'M1', title: 'Mug', quantity: 1, price_minor: 425 }], total_minor: 425,
};

for (const [how, end] of /** @type {const} */ ([['stopped', 'stop'], ['killed', 'kill']])) {
  test(`the data directory of a worker that was ${how} is restored elsewhere`, async () => {
    const shop = { retention: { seconds: 8 } };
    const worker = await start({ shop });
    await loadOrders(worker, [ORDER]);
    const conversation = await converse(worker);
    await events(await send(worker, conversation, turn('What are your mugs made of?')));
    const before = await history(worker, conversation);
    await worker[end]();

    const restored = await start({ shop, disk: copied(worker) });
    assert.deepEqual(await history(restored, conversation), before);
    const asked = { number: '1042', email: 'ann@shop.example' };
    const found = await request(restored, shopPath('/orders/lookup'), { body: asked });
    assert.equal(found.status, 200);
    await events(await send(restored, conversation, turn('And the plates?')));
    assert.equal((await history(restored, conversation)).last_seq, 4);
    const listed = await lines(await administer(restored, '/conversations'));
    assert.deepEqual(listed.map((line) => line.id), [conversation]);
    // The alarms come with the data.
    await eventually('its time is over there, too', async () => {
      return (await lines(await administer(restored, '/conversations'))).length === 0;
    }, 20_000);
  });
}

test('an upgrade with an answer on its way loses no message', async () => {
  const llm = { url: provider.url };
  const worker = await start({ llm });
  const conversation = await converse(worker);
  const body = turn('Tell me about mugs');
  const stream = frames(await send(worker, conversation, body));
  const cut = await provider.next();
  cut.say('Our mugs ');
  await until(stream, 'delta');
  await worker.stop(500);
  await assert.rejects(async () => {
    for (;;) if ((await stream.next()).done) throw new Error('ended');
  });

  const upgraded = await start({ llm, disk: worker.disk });
  assert.equal((await history(upgraded, conversation)).messages[0].text, body.text);
  const again = send(upgraded, conversation, body);
  const completion = await provider.next();
  completion.say('Our mugs are sturdy.');
  completion.finish();
  assert.match(textOf(await events(await again)), /sturdy/);
  assert.equal((await history(upgraded, conversation)).last_seq, 2);
});

test('an upgrade with 200 answers on their way gives each of them whole, once', async (t) => {
  let isUpgraded = false;
  const model = await startProvider((completion) => {
    completion.say('Our mugs are größer a');
    if (!isUpgraded) return;
    completion.say('nd sturdy.');
    completion.finish();
  });
  const worker = await start({ llm: { url: model.url }, shop: NO_LIMITS, env: withSessions });
  /** Those who have read some of their answer. */
  const reading = new Set();
  const shoppers = Array.from({ length: 200 }, (_, at) =>
    new Shopper(worker, (type) => type === 'delta' && reading.add(at), SHORT_PATIENCE_MS));
  await Promise.all(shoppers.map((shopper) => shopper.arrive()));
  const asked = Promise.all(shoppers.map((shopper) => shopper.ask()));
  await eventually('all of them read', () => reading.size === shoppers.length, SHORT_PATIENCE_MS);
  isUpgraded = true;
  await worker.stop(500);
  await worker.start();
  await asked;
  for (const shopper of shoppers) {
    assert.equal(await shopper.check(), 2);
    assert.equal(shopper.sent[0]?.answer, 'Our mugs are größer and sturdy.');
    assert.equal(shopper.resumed > 0, true);
  }
  t.diagnostic(`the model was asked ${model.completions.length} times`);
  await model.stop();
});
