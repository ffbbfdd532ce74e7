/** Shopify's compliance webhooks. */

import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { converse, history, send, turn } from '../support/api.mjs';
import { SECRET, signedIn } from '../support/customer.mjs';
import { loadOrders } from '../support/orders.mjs';
import { eventually } from '../support/poll.mjs';
import { events } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const APP = 'a client secret of the app';
const ANN = signedIn('191167', { email: 'ann@shop.example' });
const CUSTOMER = { id: 191167, email: 'Ann@shop.example', phone: '555-625-1199' };

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
beforeEach(async () => {
  worker = await startWorker({
    env: {
      ...adminEnv,
      AISLE_IDENTITY_SECRETS: JSON.stringify({ demo: SECRET }),
      AISLE_SHOPIFY_SECRETS: JSON.stringify({ demo: APP }),
    },
  });
});
afterEach(() => worker?.kill());

/**
 * @param {string} topic
 * @param {object} payload
 * @param {{secret?: string, id?: string, shop?: string}} [how]
 */
function notify(topic, payload, { secret = APP, id = randomUUID(), shop = 'demo' } = {}) {
  const body = JSON.stringify({ shop_id: 954889, shop_domain: 'demo.myshopify.com', ...payload });
  return fetch(`${worker.origin}/v1/webhooks/${shop}/shopify`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': topic,
      'x-shopify-webhook-id': id,
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    },
    body,
  });
}

async function spoken(/** @type {Record<string, string>} */ headers = {}) {
  const conversation = await converse(worker, headers);
  await events(await send(worker, conversation, turn('Do you sell mugs?'), { headers }));
  return conversation;
}

const requests = async () => (await (await administer(worker, '/privacy/requests')).json()).requests;

test('a customer is deleted once, however often it is told', async () => {
  const conversation = await spoken(ANN);
  const other = await spoken();
  const id = randomUUID();
  const told = [];
  for (let time = 0; time < 2; time += 1) {
    const response = await notify('customers/redact', { customer: CUSTOMER }, { id });
    assert.equal(response.status, 200, await response.clone().text());
    told.push(await response.json());
  }
  assert.deepEqual(told[1], told[0]);
  assert.equal(told[0].conversations, 1);
  assert.equal((await requests()).length, 1);
  await assert.rejects(history(worker, conversation), /404/);
  assert.equal((await history(worker, other)).last_seq, 2);
});

test('a request for data is written down, fetched and done', async () => {
  const conversation = await spoken(ANN);
  const response = await notify('customers/data_request', { customer: CUSTOMER });
  const receipt = await response.json();
  assert.deepEqual([response.status, receipt.state, receipt.action], [200, 'open', 'export']);
  const body = { request: receipt.receipt };
  const found = await lines(await administer(worker, '/privacy/export', { body }));
  assert.deepEqual(found.map((line) => line.id), [conversation]);
  assert.equal((await requests())[0].state, 'done');
});

test('a shop that leaves is deleted as a whole', async () => {
  const conversations = [await spoken(ANN), await spoken()];
  await loadOrders(worker, [
    {
      number: '#1', email: 'bob@shop.example', state: 'paid', placed_at_ms: 1_772_000_000_000,
      currency: 'GBP', lines: [{ sku: 'M1', title: 'Mug', quantity: 1, price_minor: 425 }], total_minor: 425,
    },
  ]);
  const response = await notify('shop/redact', {});
  assert.equal(response.status, 200, await response.clone().text());
  const receipt = await eventually('it is done', async () => {
    const [first] = await requests();
    return first.state === 'done' && first;
  });
  assert.deepEqual([receipt.conversations, receipt.orders, receipt.by], [2, 1, ['shop']]);
  for (const conversation of conversations) await assert.rejects(history(worker, conversation), /404/);
});

test('what is not signed for this shop is refused, with one answer', async () => {
  const customer = { customer: CUSTOMER };
  const answers = [];
  for (const how of [{ secret: 'another secret of 16' }, { shop: 'none' }]) {
    const response = await notify('customers/redact', customer, how);
    answers.push([response.status, await response.text()]);
  }
  assert.equal(answers[0][0], 401);
  assert.deepEqual(answers[1], answers[0]);
  assert.equal((await notify('orders/create', customer)).status, 400);
  assert.equal((await notify('customers/redact', {})).status, 400);
  assert.equal((await notify('customers/redact', customer, { id: 'a/b' })).status, 400);
  const huge = await notify('customers/redact', { ...customer, note: 'x'.repeat(300_000) });
  assert.equal(huge.status, 413);
  assert.deepEqual(await requests(), []);
});
