/** Orders: loaded by an administrator, looked up by guests. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { request, shopPath } from '../support/api.mjs';
import { startWorker } from '../support/worker.mjs';

const KEY = 'a key of the tests';
const LOAD = '/v1/admin/shops/demo/orders';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker({
    shop: { orders: { return_days: 30 } },
    env: {
      AISLE_ADMIN_KEYS: JSON.stringify({ test: createHash('sha256').update(KEY).digest('hex') }),
      AISLE_ORDER_SECRET: 'a secret of the tests, long enough',
      AISLE_ADDRESS_HEADER: 'x-test-address',
    },
  });
  const response = await load([order('#1042', 'Ann@shop.example'), order('#1043', 'bob@shop.example')]);
  assert.deepEqual(await response.json(), { stored: 2, refused: 0, reasons: [] });
});
after(() => worker?.kill());

/** @param {string} number @param {string} email @param {object} [more] */
const order = (number, email, more = {}) => ({
  number,
  email,
  state: 'delivered',
  placed_at_ms: Date.now() - 86_400_000,
  delivered_at_ms: Date.now(),
  currency: 'GBP',
  lines: [{ sku: 'M1', title: 'Mug', quantity: 2, price_minor: 425 }],
  total_minor: 850,
  ...more,
});

/** @param {unknown[]} orders */
const load = (orders, headers = { authorization: `Bearer ${KEY}` }) =>
  request(worker, LOAD, {
    method: 'PUT',
    headers,
    body: orders.map((one) => `${JSON.stringify(one)}\n`).join(''),
  });

/** @param {unknown} body @param {string} address of the visitor */
const lookUp = (body, address) =>
  request(worker, shopPath('/orders/lookup'), { body, headers: { 'x-test-address': address } });

/** Status, body and the headers that say something. @param {Response} response */
async function seen(response) {
  const headers = ['content-type', 'cache-control', 'retry-after'];
  return {
    status: response.status,
    headers: headers.map((name) => response.headers.get(name)),
    body: await response.text(),
  };
}

test('an order is found by its number and address, however they are spelt', async () => {
  for (const [number, email] of [['#1042', 'ann@shop.example'], [' 1042 ', ' ANN@shop.example']]) {
    const response = await lookUp({ number, email }, '198.51.100.1');
    const found = await response.json();
    assert.equal(response.status, 200, JSON.stringify(found));
    assert.equal(found.order.state, 'delivered');
    assert.ok(found.order.return_until_ms > Date.now());
    assert.match(found.text, /^Order #1042 of .* was delivered on /);
    assert.match(found.text, /2 × Mug, £4\.25 each\n- In all: £8\.50/);
    assert.doesNotMatch(JSON.stringify(found), /ann@/i);
  }
});

test('what is another’s and what does not exist have one answer', async () => {
  const absent = await seen(await lookUp({ number: '9999', email: 'ann@shop.example' }, '198.51.100.2'));
  const another = await seen(await lookUp({ number: '1042', email: 'bob@shop.example' }, '198.51.100.3'));
  const nonsense = await seen(await lookUp({ number: '1042\' OR 1', email: '%' }, '198.51.100.4'));
  assert.equal(absent.status, 404);
  assert.equal(JSON.parse(absent.body).error.code, 'unknown_order');
  assert.deepEqual(another, absent);
  assert.deepEqual(nonsense, absent);
});

test('a visitor who tries too often is told to wait, and another is not', async () => {
  const statuses = [];
  for (let at = 0; at < 12; at += 1) {
    const response = await lookUp({ number: `7${at}`, email: 'ann@shop.example' }, '198.51.100.5');
    statuses.push(response.status);
    if (response.status === 429) {
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
      assert.equal((await response.json()).error.code, 'rate_limited');
    }
  }
  assert.deepEqual(statuses, [...Array(10).fill(404), 429, 429]);
  const other = await lookUp({ number: '1043', email: 'bob@shop.example' }, '198.51.100.6');
  assert.equal(other.status, 200);
});

test('a batch is loaded by those who have a key alone', async () => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: KEY }]) {
    const response = await load([order('#1', 'a@shop.example')], /** @type {any} */ (headers));
    assert.equal(response.status, 401);
    assert.equal((await response.json()).error.code, 'unauthorized');
  }
  assert.equal((await lookUp({ number: '1', email: 'a@shop.example' }, '198.51.100.7')).status, 404);
});

test('a batch sent again changes nothing, and its bad lines are told', async () => {
  const bad = { number: '#2' };
  const batch = [order('#2001', 'cat@shop.example', { state: 'shipped' }), bad];
  for (let time = 0; time < 2; time += 1) {
    const response = await load(batch);
    const { stored, refused, reasons } = await response.json();
    assert.deepEqual([stored, refused, reasons[0].line], [1, 1, 2]);
  }
  const found = await (await lookUp({ number: '2001', email: 'cat@shop.example' }, '198.51.100.8')).json();
  assert.equal(found.order.state, 'shipped');
});

test('orders outlive a kill', async () => {
  await worker.kill();
  await worker.start();
  const response = await lookUp({ number: '1043', email: 'bob@shop.example' }, '198.51.100.9');
  assert.equal(response.status, 200);
});
