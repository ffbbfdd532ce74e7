/** A merchant's own system, which keeps the orders that the worker's connectors ask for. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

/** What the merchant's system and the worker share. */
export const SECRET = 'a secret of the system of the merchant';

/**
 * One request to it.
 * @typedef {{path: string, headers: import('node:http').IncomingHttpHeaders, body: any, isSigned: boolean}} Asked
 */

/**
 * Starts one.
 * @param {(asked: Asked, response: import('node:http').ServerResponse, at: number) => void} [act]
 *   what it does with each request; without it nothing is to come
 */
export async function startConnector(act = (_, response) => response.end()) {
  /** @type {Asked[]} */
  const requests = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const asked = {
      path: request.url ?? '',
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
      isSigned: isSigned(request.headers, text),
    };
    requests.push(asked);
    act(asked, response, requests.length - 1);
  });
  server.on('connection', () => (connections += 1));
  // Of both families, as localhost may be either.
  await new Promise((resolve) => server.listen(0, '::', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    port,
    url: `http://127.0.0.1:${port}/orders`,
    requests,
    /** How often anybody connected. */
    connections: () => connections,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As docs/orders.md tells merchants to look at it. @param {any} headers @param {string} body */
function isSigned(headers, body) {
  const { 'x-aisle-timestamp': timestamp, 'x-aisle-signature': signature = '' } = headers;
  const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest();
  const given = Buffer.from(signature.replace(/^v1=/, ''), 'hex');
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs && Math.abs(Number(timestamp) * 1_000 - Date.now()) < 300_000;
}

/** Answers with JSON. @param {import('node:http').ServerResponse} response @param {unknown} body @param {number} [status] @param {Record<string, string>} [headers] */
export function answer(response, body, status = 200, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
