/** Orders in the worker's table, and who may see them. */

import { adminEnv, adminKey } from './admin.mjs';
import { request, shopPath } from './api.mjs';
import { jwt } from './jwt.mjs';
import { SHOP } from './worker.mjs';

/** What the merchants' servers sign with, by shop. @param {string} shop */
const secretOf = (shop) => `a secret of the server of ${shop}`;

/** The environment of a worker that has orders and knows customers. @param {string[]} shops */
export const withOrders = (...shops) => ({
  ...adminEnv,
  AISLE_IDENTITY_SECRETS: JSON.stringify(Object.fromEntries(shops.map((shop) => [shop, secretOf(shop)]))),
  AISLE_ADDRESS_HEADER: 'x-test-address',
});

/** Bytes of a batch, with room for its last line. */
const BATCH_BYTES = 900_000;

/**
 * Loads orders into the built-in table, in batches that the worker takes; how many it stored.
 * @param {{origin: string}} worker
 * @param {string | object[]} orders a file of them, one a line, or the orders themselves
 */
export async function loadOrders(worker, orders, shop = SHOP) {
  const lines = typeof orders === 'string'
    ? orders.split('\n').filter(Boolean)
    : orders.map((order) => JSON.stringify(order));
  let stored = 0;
  let batch = '';
  const send = async () => {
    const response = await request(worker, `/v1/admin/shops/${shop}/orders`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${adminKey}` },
      body: batch,
    });
    const loaded = await response.json();
    if (response.status !== 200 || loaded.refused > 0) throw new Error(JSON.stringify(loaded));
    stored += loaded.stored;
    batch = '';
  };
  for (const line of lines) {
    if (batch.length + line.length > BATCH_BYTES) await send();
    batch += `${line}\n`;
  }
  await send();
  return stored;
}

let visitors = 0;

/**
 * Looks an order up as another visitor each time.
 * @param {{origin: string}} worker
 * @param {string} shop
 * @param {string} number
 * @param {string} email
 */
export function lookUp(worker, shop, number, email) {
  visitors += 1;
  const headers = { 'x-test-address': `2001:db8:${visitors.toString(16)}::1` };
  return request(worker, shopPath('/orders/lookup', shop), { body: { number, email }, headers });
}

/**
 * The token that a merchant's server makes for a customer.
 * @param {string} shop
 * @param {object} claims
 */
export function customerToken(shop, claims) {
  const now = Math.floor(Date.now() / 1000);
  return jwt({ aud: shop, iat: now, exp: now + 600, ...claims }, secretOf(shop));
}

/** The header of a signed-in customer. @param {string} token */
export const as = (token) => ({ 'x-aisle-customer': token });
