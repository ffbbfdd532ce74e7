/**
 * Orders that are in a merchant's own system, or at Shopify: asked for as documented, told to
 * whoever they belong to, and never asked for where the network is not the merchant's to name.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { withConnector } from '../support/altered.mjs';
import { request, shopPath } from '../support/api.mjs';
import { SECRET, answer, startConnector } from '../support/connector.mjs';
import { as, customerToken, lookUp, withOrders } from '../support/orders.mjs';
import { root } from '../support/paths.mjs';
import { eventually } from '../support/poll.mjs';
import { freePort } from '../support/processes.mjs';
import { ORIGIN, Worker, startWorker } from '../support/worker.mjs';

const ANN = 'ann@shop.example';
const BOB = 'bob@shop.example';
const order = (/** @type {string} */ number, /** @type {object} */ owner) => ({
  number, state: 'paid', placed_at_ms: 1_772_000_000_000, currency: 'GBP', total_minor: 425,
  lines: [{ sku: 'M1', title: 'Lantern Alley Print', quantity: 1, price_minor: 425 }], ...owner,
});

/** @type {(() => unknown)[]} */
const stops = [];
after(() => Promise.all(stops.map((stop) => stop())));

/** @param {Parameters<typeof startConnector>[0]} [act] */
async function merchant(act) {
  const system = await startConnector(act);
  stops.push(() => system.stop());
  return system;
}

/**
 * A worker whose shops have their orders elsewhere.
 * @param {Record<string, object>} origins by the shop's name
 * @param {string} [folder]
 */
async function workerWith(origins, folder) {
  const names = Object.keys(origins);
  const of = (/** @type {(name: string) => unknown} */ value) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, value(name)])));
  const worker = await startWorker({
    folder,
    env: {
      ...withOrders(...names),
      AISLE_SHOPS: of((name) => ({ name, origins: [ORIGIN], orders: { origin: origins[name] } })),
      AISLE_CONNECTOR_KEYS: of(() => SECRET),
    },
  });
  stops.push(() => worker.kill());
  return worker;
}

/** Status, body and headers of a reply, but for its time and id. @param {Response} response */
async function seen(response) {
  const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status: response.status, headers, body: await response.text() };
}

/** @param {Response} response */
async function assertUnavailable(response, told = '') {
  const { status, body } = await seen(response);
  assert.equal(status, 503, `${told}: ${body}`);
  const { error } = JSON.parse(body);
  assert.deepEqual([error.code, error.retryable], ['orders_unavailable', true]);
}

/** What each number makes the merchant's system do. @type {Record<string, Parameters<typeof startConnector>[0]>} */
const ACTS = {
  1: (_, response) => answer(response, { order: order('#1', { email: ANN, customer: 'ann' }) }),
  2: (_, response) => answer(response, { order: null }),
  // A system that does not look at who asks.
  3: (_, response) => answer(response, { order: order('#3', { email: BOB }) }),
  4: (_, response) => answer(response, { order: order('#4', {}) }),
  // One that answers another question.
  5: (_, response) => answer(response, { order: order('#1', { email: ANN }) }),
  6: (_, response, at) =>
    at === 0
      ? answer(response, { error: 'slowly' }, 429, { 'retry-after': '1' })
      : answer(response, { order: order('#6', { email: ANN }) }),
  7: (_, response) => answer(response, { error: 'no' }, 500),
  8: (_, response) => answer(response, { order: 'none' }),
  9: (_, response) => response.end(`{"order":${' '.repeat(600_000)}null}`),
};

describe('a signed interface of the merchant’s own', async () => {
  /** Requests for each number. @type {Map<string, number>} */
  const asked = new Map();
  const system = await merchant((request, response) => {
    const { action, number } = request.body;
    if (action === 'list') {
      const orders = [order('#1', { customer: 'ann' }), order('#3', { customer: 'bob' })];
      return answer(response, { orders });
    }
    const at = asked.get(number) ?? 0;
    asked.set(number, at + 1);
    return ACTS[number]?.(request, response, at);
  });
  const private_ = withConnector('network = (allow = ["public", "private"])');
  const worker = await workerWith({ demo: { kind: 'http', url: system.url, allow_internal: true } }, private_);
  const find = (/** @type {string} */ number, email = ANN) => lookUp(worker, 'demo', number, email);

  test('tells an order to whom it belongs, and was asked as documented', async () => {
    const found = await find('# 1', 'Ann@shop.example');
    assert.equal(found.status, 200);
    const { order: told, text } = await found.json();
    assert.equal(told.number, '#1');
    assert.match(text, /Lantern Alley Print/);
    const { body, isSigned, headers, path } = system.requests.at(-1) ?? {};
    assert.ok(isSigned);
    assert.deepEqual([path, headers?.['content-type']], ['/orders', 'application/json']);
    assert.deepEqual(body, { v: 1, action: 'find', shop: 'demo', number: '1', email: ANN, customer: null });
  });

  test('has one answer for what is not there, not the asker’s, nobody’s, and another order', async () => {
    const nothing = await seen(await find('2'));
    assert.equal(nothing.status, 404);
    for (const [number, email] of [['3', ANN], ['4', ANN], ['5', ANN], ['1', BOB]]) {
      assert.deepEqual(await seen(await find(number, email)), nothing, `${number} of ${email}`);
    }
  });

  test('is asked again when it is too fast for it, and no more often than three times', async () => {
    assert.equal((await find('6')).status, 200);
    assert.equal(asked.get('6'), 2);
    await assertUnavailable(await find('7'));
    assert.equal(asked.get('7'), 3);
  });

  test('that answers nonsense, or without end, cannot be reached', async () => {
    for (const number of ['8', '9']) await assertUnavailable(await find(number), number);
  });

  test('lists a customer’s own orders alone', async () => {
    const headers = as(customerToken('demo', { sub: 'ann' }));
    const listed = await request(worker, shopPath('/customer/orders'), { headers });
    const { orders } = await listed.json();
    assert.deepEqual(orders.map((/** @type {any} */ one) => one.order.number), ['#1']);
    const { action, customer, email } = system.requests.at(-1)?.body ?? {};
    assert.deepEqual([action, customer, email], ['list', 'ann', null]);
  });
});

test('a redirect is not followed: whoever it leads to learns nothing', async () => {
  const elsewhere = await merchant();
  for (const status of [301, 302, 307, 308]) {
    const system = await merchant((_, response) =>
      response.writeHead(status, { location: elsewhere.url }).end());
    const private_ = withConnector('network = (allow = ["public", "private"])');
    const worker = await workerWith({ demo: { kind: 'http', url: system.url, allow_internal: true } }, private_);
    await assertUnavailable(await lookUp(worker, 'demo', '1', ANN), String(status));
    assert.equal(system.requests.length, 1);
    await worker.kill();
  }
  assert.equal(elsewhere.connections(), 0);
});

test('as shipped, no name and no spelling of an address leads inside, whatever a shop allows itself', async () => {
  const system = await merchant();
  const { port } = system;
  const hosts = [
    '127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '[::]', '2130706433', '0x7f.1', '127.1',
    '[::ffff:127.0.0.1]', 'localhost.', 'a.localhost',
  ];
  const origins = Object.fromEntries(hosts.map((host, at) =>
    [`shop${at}`, { kind: 'http', url: `http://${host}:${port}/orders`, allow_internal: true }]));
  const worker = await workerWith(origins);
  await Promise.all(hosts.map(async (host, at) =>
    assertUnavailable(await lookUp(worker, `shop${at}`, '1', ANN), host)));
  assert.equal(system.connections(), 0);
});

describe('an address inside that nobody has allowed', { concurrency: 4 }, () => {
  for (const origin of [
    ...[
      'https://127.0.0.1/', 'https://10.0.0.1/', 'https://2130706433/', 'https://0x7f.1/',
      'https://[::1]/', 'https://localhost/', 'https://metadata.google.internal/',
      'http://shop.example/', 'https://shop.example@127.0.0.1/',
    ].map((url) => ({ kind: 'http', url })),
    { kind: 'shopify', domain: '127.0.0.1/.myshopify.com' },
  ]) {
    test(`${Object.values(origin).join(' ')} is refused before anything is served`, async () => {
      const shop = { name: 'A shop', origins: [ORIGIN], orders: { origin } };
      const env = { AISLE_SHOPS: JSON.stringify({ demo: shop }) };
      const worker = new Worker({ port: await freePort(), env });
      const started = worker.start().catch(() => {});
      try {
        const health = await eventually('it is said', () => fetch(`${worker.origin}/healthz`));
        assert.equal(health.status, 503);
        assert.equal((await health.json()).status, 'misconfigured');
        const looked = await lookUp(worker, 'demo', '1', ANN);
        assert.ok(looked.status >= 400, String(looked.status));
      } finally {
        await worker.kill();
        await started;
      }
    });
  }
});

describe('Shopify', async () => {
  const fixture = (/** @type {string} */ name) =>
    readFileSync(join(root, `worker/src/orders/shopify/fixtures/${name}.json`), 'utf8');
  const replies = ['throttled', 'found', 'found', 'found', 'denied'];
  const shopify = await merchant((_, response, at) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(fixture(replies[at] ?? 'denied'));
  });
  // Whatever the name, the double is asked.
  const double = withConnector(`external = (address = "127.0.0.1:${shopify.port}", http = ())`);
  const worker = await workerWith({ demo: { kind: 'shopify', domain: 'a-shop.myshopify.com' } }, double);

  test('is asked again when it is throttled, and tells an order to whom it belongs', async () => {
    const found = await lookUp(worker, 'demo', '#1042', ANN);
    assert.equal(found.status, 200, await found.clone().text());
    assert.match(await found.text(), /NM123/);
    assert.equal(shopify.requests.length, 2);
    const { headers, path, body } = shopify.requests[0] ?? {};
    assert.equal(headers?.host, 'a-shop.myshopify.com');
    assert.equal(headers?.['x-shopify-access-token'], SECRET);
    assert.match(path ?? '', /^\/admin\/api\/\d{4}-\d\d\/graphql\.json$/);
    assert.deepEqual(body.variables, { query: `name:"1042" AND email:"${ANN}"`, first: 25 });
  });

  test('has one answer for a stranger’s order and for none', async () => {
    const stranger = await seen(await lookUp(worker, 'demo', '#1042', BOB));
    assert.equal(stranger.status, 404);
    assert.deepEqual(await seen(await lookUp(worker, 'demo', '#7777', ANN)), stranger);
  });

  test('that refuses cannot be reached', async () => {
    await assertUnavailable(await lookUp(worker, 'demo', '#1043', ANN));
  });
});
