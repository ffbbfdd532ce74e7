/** Signed-in customers, as the merchant's server vouches for them. */

import { createHmac } from 'node:crypto';

/** The secret that the merchant's server signs with. */
export const SECRET = 'a secret of the shop’s own server';

const encoded = (/** @type {unknown} */ value) =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * The headers of a customer's requests.
 * @param {string} id
 * @param {object} [claims]
 */
export function signedIn(id, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: id, aud: 'demo', iat: now, exp: now + 600, ...claims };
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(all)}`;
  const signature = createHmac('sha256', SECRET).update(signed).digest('base64url');
  return { 'x-aisle-customer': `${signed}.${signature}` };
}
