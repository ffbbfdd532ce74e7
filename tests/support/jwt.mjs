/** JSON Web Tokens: made of any claims, right or wrong, and read without a question. */

import { createHmac } from 'node:crypto';

/** A part of a token. @param {unknown} value */
export const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token that is signed with HMAC-SHA256, whatever its header says.
 * @param {object} claims
 * @param {string | Buffer} secret
 * @param {{alg: string, typ?: string}} [header]
 */
export function jwt(claims, secret, header = { alg: 'HS256', typ: 'JWT' }) {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** What a token claims. @param {string} token */
export const claimsOf = (token) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
