/** Signed-in shoppers: what a token of the merchant's server opens, and what nothing else does. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv } from '../support/admin.mjs';
import { request, shopPath } from '../support/api.mjs';
import { SECRET } from '../support/customer.mjs';
import { jwt } from '../support/jwt.mjs';
import { loadOrders } from '../support/orders.mjs';
import { startWorker } from '../support/worker.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let open;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let strict;
before(async () => {
  const env = {
    ...adminEnv,
    AISLE_IDENTITY_SECRETS: JSON.stringify({ demo: SECRET }),
  };
  [open, strict] = await Promise.all([
    startWorker({ env }),
    startWorker({ env, shop: { identity: 'enforced' } }),
  ]);
  await loadOrders(open, [{
    number: '#1042',
    customer: 'c-7',
    state: 'delivered',
    placed_at_ms: 1_772_000_000_000,
    currency: 'GBP',
    lines: [{ sku: 'M1', title: 'Mug', quantity: 2, price_minor: 425 }],
    total_minor: 850,
  }]);
});
after(() => Promise.all([open?.kill(), strict?.kill()]));

/** @param {object} [claims] @param {{alg?: string, secret?: string}} [how] */
function token(claims = {}, { alg = 'HS256', secret = SECRET } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: 'c-7', aud: 'demo', iat: now, exp: now + 600, ...claims };
  return jwt(all, secret, { alg, typ: 'JWT' });
}

const BAD = {
  'no token': undefined,
  'another secret': token({}, { secret: 'another secret, long enough' }),
  expired: token({ exp: 1_700_000_000 }),
  'for another shop': token({ aud: 'other' }),
  'alg none': token({}, { alg: 'none' }),
  'alg RS256': token({}, { alg: 'RS256' }),
  'without a signature': token().replace(/[^.]*$/, ''),
  truncated: token().slice(0, -4),
  nonsense: 'x',
};

/** @param {string | undefined} customer @returns {Record<string, string>} */
const as = (customer) => (customer === undefined ? {} : { 'x-aisle-customer': customer });

const history = (/** @type {string | undefined} */ customer) =>
  request(open, shopPath('/customer/history'), { headers: as(customer) });

const begin = (/** @type {any} */ worker, /** @type {string | undefined} */ customer) =>
  request(worker, shopPath('/conversations'), { method: 'POST', headers: as(customer) });

test('a signed-in customer gets the history of their own orders', async () => {
  const mine = await history(token());
  assert.equal(mine.status, 200);
  assert.deepEqual(await mine.json(), {
    history: [{ sku: 'M1', at_ms: 1_772_000_000_000, quantity: 2 }],
  });
  assert.deepEqual(await (await history(token({ sub: 'c-8' }))).json(), { history: [] });
});

for (const [name, bad] of Object.entries(BAD)) {
  test(`a history is refused: ${name}`, async () => {
    const response = await history(bad);
    assert.equal(response.status, 401);
    assert.equal((await response.json()).error.code, 'identity_required');
  });

  test(`a shop that serves customers alone refuses: ${name}`, async () => {
    const response = await begin(strict, bad);
    assert.equal(response.status, 401);
    assert.equal((await response.json()).error.code, 'identity_required');
  });
}

test('a turn without a token is refused where one is needed, and nothing is kept', async () => {
  const begun = await begin(strict, token());
  assert.equal(begun.status, 201);
  const { conversation } = await begun.json();
  const path = shopPath(`/conversations/${conversation}`);
  const body = { v: 1, message_id: 'message-0001', text: 'do you ship to Norway?' };
  const refused = await request(strict, `${path}/turns`, { body });
  assert.equal(refused.status, 401);
  assert.equal((await refused.json()).error.code, 'identity_required');
  assert.equal((await request(strict, `${path}/messages`)).status, 401);
  const kept = await request(strict, `${path}/messages`, { headers: as(token()) });
  assert.deepEqual(await kept.json(), { messages: [], last_seq: 0 });
  const answered = await request(strict, `${path}/turns`, { body, headers: as(token()) });
  assert.equal(answered.status, 200);
  assert.match(await answered.text(), /"type":"done"/);
});

test('a shop that serves customers alone looks no order up for anyone else', async () => {
  const lookUp = (/** @type {any} */ worker, /** @type {string | undefined} */ customer) =>
    request(worker, shopPath('/orders/lookup'), {
      body: { number: '1042', email: 'ann@shop.example' }, headers: as(customer),
    });
  for (const bad of [undefined, BAD.expired]) {
    const refused = await lookUp(strict, bad);
    assert.equal(refused.status, 401);
    assert.equal((await refused.json()).error.code, 'identity_required');
  }
  assert.equal((await lookUp(strict, token())).status, 404);
  assert.equal((await lookUp(open, undefined)).status, 404);
});

test('a customer who asks too often is told to wait, on every route, and another is not', async () => {
  const busy = token({ sub: 'c-busy' });
  const orders = (/** @type {string} */ customer) =>
    request(open, shopPath('/customer/orders'), { headers: as(customer) });
  for (let at = 0; ; at += 1) {
    assert.ok(at < 80, 'nobody said to wait');
    const { status } = await (at % 2 ? orders(busy) : history(busy));
    if (status === 429) break;
    assert.equal(status, 200);
  }
  for (const refused of await Promise.all([orders(busy), history(token({ sub: 'c-busy', iat: 1 }))])) {
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-3]$/);
    assert.equal((await refused.json()).error.code, 'rate_limited');
  }
  assert.equal((await orders(token())).status, 200);
});

test('a shop that serves everyone serves those without a valid token, too', async () => {
  for (const bad of [undefined, BAD.expired]) assert.equal((await begin(open, bad)).status, 201);
});
