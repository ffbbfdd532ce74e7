/** Visitors as a worker tells them apart: each with a session of their own. */

import { request, shopPath } from './api.mjs';
import { SHOP } from './worker.mjs';

/** The environment of a worker that makes sessions and limits visitors and addresses. */
export const withSessions = {
  AISLE_SESSION_SECRET: 'a secret of the tests, long enough',
  AISLE_ADDRESS_HEADER: 'x-test-address',
};

/**
 * The headers of a new visitor's requests.
 * @param {import('./api.mjs').Target} worker
 * @param {{shop?: string, headers?: Record<string, string>}} [options] `headers`: those of the
 *   visitor's page and network, which all of the visitor's requests have
 */
export async function visitor(worker, { shop = SHOP, headers = {} } = {}) {
  const response = await request(worker, shopPath('/session', shop), { method: 'POST', headers });
  if (response.status !== 201) {
    throw new Error(`no session: ${response.status} ${await response.text()}`);
  }
  const { session } = await response.json();
  return { ...headers, 'x-aisle-session': session };
}
