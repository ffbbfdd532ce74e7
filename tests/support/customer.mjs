/** Signed-in customers, as the merchant's server vouches for them. */

import { jwt } from './jwt.mjs';

/** The secret that the merchant's server signs with. */
export const SECRET = 'a secret of the shop’s own server';

/**
 * The headers of a customer's requests.
 * @param {string} id
 * @param {object} [claims]
 */
export function signedIn(id, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { sub: id, aud: 'demo', iat: now, exp: now + 600, ...claims };
  return { 'x-aisle-customer': jwt(all, SECRET) };
}
