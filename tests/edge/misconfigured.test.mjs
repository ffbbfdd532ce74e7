/** What is set up wrongly opens nothing, and `/healthz` says that something is wrong. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { adminEnv, administer, adminKey } from '../support/admin.mjs';
import { request, shopPath } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { freePort } from '../support/processes.mjs';
import { Worker, startWorker } from '../support/worker.mjs';

/** Starts a worker that does not serve, and waits until it says so. @param {Worker} worker */
async function startMisconfigured(worker) {
  // It never becomes ready, and is killed in the end.
  const started = worker.start().catch(() => {});
  const health = await eventually('it answers', () => fetch(`${worker.origin}/healthz`));
  const kill = async () => {
    await worker.kill();
    await started;
  };
  return { status: health.status, body: await health.json(), kill };
}

const lookUp = (/** @type {Worker} */ worker) =>
  request(worker, shopPath('/orders/lookup'), { body: { number: '1', email: 'ann@shop.example' } });

/**
 * A secret, what it is set to, what needs it, and how that is refused.
 * @type {[name: string, value: string, ask: (worker: Worker) => Promise<Response>, status: number][]}
 */
const SECRETS = [
  [
    'AISLE_SESSION_SECRET', 'fifteen bytes..',
    (worker) => request(worker, shopPath('/conversations'), { method: 'POST' }), 500,
  ],
  [
    'AISLE_SESSION_SECRET', 'hunter2',
    (worker) => request(worker, shopPath('/session'), { method: 'POST' }), 500,
  ],
  [
    'AISLE_SESSION_SECRET', 'hunter2',
    (worker) => request(worker, shopPath('/conversations/c1/messages')), 500,
  ],
  ['AISLE_ORDER_SECRET', 'hunter2', lookUp, 503],
  [
    'AISLE_IDENTITY_SECRETS', '{"demo":"hunter2"}',
    (worker) => request(worker, shopPath('/customer/history'), { headers: { 'x-aisle-customer': 'c-7:' } }),
    401,
  ],
  [
    'AISLE_IDENTITY_SECRETS', 'a secret that is no JSON',
    (worker) => request(worker, shopPath('/customer/orders'), { headers: { 'x-aisle-customer': 'c-7:' } }),
    401,
  ],
  [
    'AISLE_ADMIN_KEYS', JSON.stringify({ test: adminKey }),
    (worker) => administer(worker, '/settings'), 401,
  ],
  [
    'AISLE_SHOPIFY_SECRETS', '{"demo":""}',
    (worker) => request(worker, '/v1/webhooks/demo/shopify', { body: {} }), 401,
  ],
  ['AISLE_CONNECTOR_KEYS', '{"demo":"hunter2"}', lookUp, 503],
];

describe('a secret that cannot be used', () => {
  for (const [name, value, ask, expected] of SECRETS) {
    test(`${name}=${value}`, async () => {
      const shop = name === 'AISLE_CONNECTOR_KEYS'
        ? { orders: { origin: { kind: 'http', url: 'https://orders.example/' } } }
        : {};
      const worker = new Worker({ port: await freePort(), shop, env: { ...adminEnv, [name]: value } });
      const { status, body, kill } = await startMisconfigured(worker);
      try {
        assert.deepEqual([status, body], [503, { status: 'misconfigured' }]);
        const refused = await ask(worker);
        assert.equal(refused.status, expected, await refused.text());
        const said = worker.server?.lines.join('\n') ?? '';
        assert.match(said, new RegExp(name));
        assert.ok(!said.includes(value), 'the log does not have it');
      } finally {
        await kill();
      }
    });
  }
});

test('a provider that is not there is refused, and one that has gone is found', async () => {
  const provider = (/** @type {string} */ name) => ({
    name, kind: 'openai', url: 'https://provider.invalid/v1', model: 'm',
  });
  const env = (/** @type {string[]} */ names) => ({
    ...adminEnv, AISLE_PROVIDERS: JSON.stringify(names.map(provider)),
  });
  const worker = await startWorker({ env: env(['main', 'spare']) });
  try {
    const put = async (/** @type {number} */ version, /** @type {unknown} */ providers) => {
      const response = await administer(worker, '/settings', {
        method: 'PUT', body: { providers }, headers: { 'if-match': `"${version}"` },
      });
      return { status: response.status, body: await response.json() };
    };
    const refused = await put(0, ['spare', 'sparse']);
    assert.equal(refused.status, 400);
    assert.match(refused.body.error.message, /"sparse", which is not set up; there are: main, spare/);
    const taken = await put(0, ['spare', 'main']);
    assert.deepEqual([taken.status, taken.body.in_effect.providers], [200, ['spare', 'main']]);
    assert.equal((await fetch(`${worker.origin}/healthz`)).status, 200);
  } finally {
    await worker.kill();
  }
  // The environment changes below what was set.
  const { port, disk } = worker;
  const later = new Worker({ port, disk, env: env(['main']) });
  const { status, kill } = await startMisconfigured(later);
  try {
    assert.equal(status, 503);
    const mended = await administer(later, '/settings', {
      method: 'PUT', body: {}, headers: { 'if-match': '"1"' },
    });
    assert.equal(mended.status, 200, await mended.text());
    assert.equal((await fetch(`${later.origin}/healthz`)).status, 200);
  } finally {
    await kill();
  }
});
