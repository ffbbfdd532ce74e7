/** Another hand's shop, where it is there: its orders have no dates, its customers no numbers. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { request, shopPath } from '../support/api.mjs';
import { as, customerToken, loadOrders, lookUp, withOrders } from '../support/orders.mjs';
import { root } from '../support/paths.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { aisle } from '../support/trainer.mjs';
import { SHOP, startWorker } from '../support/worker.mjs';

const STORE = resolve(root, '../shared/data/store_with_orders');
const skip = existsSync(STORE) ? false : `${STORE} is not there`;

test('a thousand orders are loaded and looked up', { skip }, async () => {
  const folder = temporaryFolder();
  const table = join(folder, 'orders.ndjson');
  const shop = ['--shop', join(folder, 'data'), '--currency', 'USD', '--name', 'Another hand'];
  aisle('import', 'products', '--from', STORE, ...shop);
  aisle('import', 'orders', '--from', STORE, ...shop, '--table', table);
  const ndjson = readFileSync(table, 'utf8');
  const orders = ndjson.trim().split('\n').map((line) => JSON.parse(line));
  const worker = await startWorker({ env: withOrders(SHOP) });
  try {
    assert.equal(await loadOrders(worker, ndjson), 1_000);
    const said = { paid: /is paid and waits to be packed\./, packed: /is packed and waits for the carrier\./,
      delivered: /was delivered\./, cancelled: /was cancelled\./ };
    for (const [state, sentence] of Object.entries(said)) {
      const order = orders.find((one) => one.state === state);
      const response = await lookUp(worker, SHOP, order.number, order.email);
      const { text } = await response.json();
      assert.match(text, sentence);
      assert.ok(text.startsWith(`Order ${order.number} `), text);
      assert.doesNotMatch(text, /1970/);
    }
    const [first, second] = orders;
    assert.notEqual(first.email, second.email);
    assert.equal((await lookUp(worker, SHOP, first.number, second.email)).status, 404);
    const token = customerToken(SHOP, { sub: first.customer });
    const history = await request(worker, shopPath('/customer/history'), { headers: as(token) });
    // Nothing is said to have been bought on a day that nobody knows.
    assert.deepEqual(await history.json(), { history: [] });
  } finally {
    await worker.kill();
  }
});
