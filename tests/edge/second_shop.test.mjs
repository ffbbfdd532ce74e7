/** A second shop that is made up: its orders in every state, its customers, its own documents. */

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { request, shopPath, turn } from '../support/api.mjs';
import { as, customerToken, loadOrders, lookUp, withOrders } from '../support/orders.mjs';
import { dist } from '../support/paths.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { events, textOf } from '../support/sse.mjs';
import { aisle } from '../support/trainer.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

const SECOND = 'second';
const ORDERS = 120;

/** What the worker says of an order in each state. */
const SENTENCES = {
  placed: /is placed and waits for its payment\. It is expected on /,
  paid: /is paid and waits to be packed\. It is expected on /,
  packed: /is packed and waits for the carrier\. It is expected on /,
  shipped: /was shipped on \d+ \w+ \d{4}\. It is expected on /,
  out_for_delivery: /is out for delivery\. It is expected on /,
  delivered: /was delivered on \d+ \w+ \d{4}\./,
  cancelled: /was cancelled\./,
  return_requested: /has a return that was asked for\./,
  exchange_requested: /has an exchange that was asked for\./,
  returned: /was sent back and has arrived at the shop\./,
  refunded: /was paid back\./,
};

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** @type {any[]} */
let orders;
before(async () => {
  const folder = temporaryFolder();
  const demo = join(dist, 'artifacts/demo');
  aisle('generate-store', '--out', folder, '--orders', `${ORDERS}`, '--models', demo);
  const artifacts = join(folder, 'artifacts');
  mkdirSync(artifacts);
  cpSync(demo, join(artifacts, 'demo'), { recursive: true });
  cpSync(join(folder, 'artifact'), join(artifacts, SECOND), { recursive: true });
  const shops = {
    demo: { name: 'Fernside & Co', origins: [ORIGIN] },
    [SECOND]: { name: 'Tarn & Thistle', origins: [ORIGIN], orders: { return_days: 28 } },
  };
  worker = await startWorker({
    artifacts,
    env: { ...withOrders('demo', SECOND), AISLE_SHOPS: JSON.stringify(shops) },
  });
  const ndjson = readFileSync(join(folder, 'orders.ndjson'), 'utf8');
  orders = ndjson.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(await loadOrders(worker, ndjson, SECOND), ORDERS);
});
after(() => worker?.kill());

/** The latest order in a state. @param {string} state */
const latest = (state) => orders.filter((order) => order.state === state).at(-1);

for (const [state, sentence] of Object.entries(SENTENCES)) {
  test(`a guest hears of an order that is ${state}`, async () => {
    const order = latest(state);
    const response = await lookUp(worker, SECOND, order.number.toLowerCase(), order.email.toUpperCase());
    const { order: seen, text } = await response.json();
    assert.equal(response.status, 200);
    assert.equal(seen.state, state);
    assert.ok(text.startsWith(`Order ${order.number} of `), text);
    assert.match(text, sentence);
    const total = `€${Math.floor(order.total_minor / 100)}.${`${order.total_minor % 100}`.padStart(2, '0')}`;
    assert.ok(text.includes(`- In all: ${total}`), text);
    for (const line of order.lines) assert.ok(text.includes(line.title), text);
    for (const { number, url } of order.tracking) assert.ok(text.includes(`${number}: ${url}`), text);
    assert.equal(text.includes('You can send it back until'), state === 'delivered', text);
    const said = JSON.stringify({ seen, text });
    assert.ok(!said.includes(order.email) && !said.includes(order.customer), said);
  });
}

test('an order of one shop does not exist in the other', async () => {
  const { number, email } = latest('delivered');
  const absent = await lookUp(worker, SECOND, 'TT-1', email);
  const foreign = await lookUp(worker, 'demo', number, email);
  assert.deepEqual([foreign.status, await foreign.text()], [absent.status, await absent.text()]);
});

test('a signed-in customer has the history of what was kept, latest first', async () => {
  const { customer } = latest('delivered');
  const kept = orders
    .filter((order) => order.customer === customer)
    .filter(({ state }) => !['cancelled', 'returned', 'refunded'].includes(state))
    .flatMap(({ lines, placed_at_ms: at_ms }) =>
      lines.map((/** @type {any} */ { sku, quantity }) => ({ sku, at_ms, quantity })))
    .sort((a, b) => b.at_ms - a.at_ms || (a.sku < b.sku ? -1 : 1));
  const ask = (/** @type {string} */ shop, /** @type {string} */ token) =>
    request(worker, shopPath('/customer/history', shop), { headers: as(token) });
  const mine = await ask(SECOND, customerToken(SECOND, { sub: customer }));
  assert.deepEqual(await mine.json(), { history: kept });
  // A token of one shop says nothing in another.
  assert.equal((await ask('demo', customerToken(SECOND, { sub: customer }))).status, 401);
});

test('a verified address opens the orders that were placed with it', async () => {
  const { email } = latest('delivered');
  const token = customerToken(SECOND, { sub: 'new-account', email });
  const response = await request(worker, shopPath('/customer/history', SECOND), { headers: as(token) });
  assert.ok((await response.json()).history.length > 0);
});

test('a question is answered from the shop’s own documents', async () => {
  const body = turn('how many days do I have to send something back?');
  const answer = async (/** @type {string} */ shop) => {
    const opened = await request(worker, shopPath('/conversations', shop), { method: 'POST' });
    const { conversation } = await opened.json();
    const path = shopPath(`/conversations/${conversation}/turns`, shop);
    const all = await events(await request(worker, path, { body }));
    return { text: textOf(all), sources: all.flatMap(({ data }) => data.sources ?? []) };
  };
  const [second, demo] = [await answer(SECOND), await answer('demo')];
  assert.match(second.text, /within 28 days/);
  assert.ok(second.sources.some(({ url }) => url === '/pages/returns'), JSON.stringify(second.sources));
  assert.ok(demo.text.length > 0);
  assert.doesNotMatch(demo.text, /28 days/);
});
