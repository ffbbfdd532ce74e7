/** What an administrator asks of the worker. */

import { createHash } from 'node:crypto';

import { request } from './api.mjs';
import { SHOP } from './worker.mjs';

/** The key of the tests' administrator. */
export const adminKey = 'a key of the tests';

/** The environment of a worker that knows the administrator and can hash addresses. */
export const adminEnv = {
  AISLE_ADMIN_KEYS: JSON.stringify({ test: createHash('sha256').update(adminKey).digest('hex') }),
  AISLE_ORDER_SECRET: 'a secret of the tests, long enough',
};

/**
 * Asks as the administrator.
 * @param {Parameters<typeof request>[0]} worker
 * @param {string} path below that of the shop
 * @param {Parameters<typeof request>[2]} [options]
 */
export const administer = (worker, path, options = {}) =>
  request(worker, `/v1/admin/shops/${SHOP}${path}`, {
    ...options,
    headers: { authorization: `Bearer ${adminKey}`, ...options.headers },
  });

/**
 * The lines of JSON of a reply.
 * @param {Response} response
 * @returns {Promise<any[]>}
 */
export async function lines(response) {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const text = await response.text();
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
