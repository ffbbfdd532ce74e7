/** A client of the worker's HTTP interface that can also say what no browser would. */

import { randomUUID } from 'node:crypto';

import { described } from './description.mjs';
import { ORIGIN, SHOP } from './worker.mjs';

/** Version of the protocol that the tests speak. */
export const VERSION = 1;

/** @typedef {{origin: string}} Target a worker */

/**
 * Asks, and holds the reply against the worker's description, unless it is a stream.
 * @param {Target} worker
 * @param {string} path
 * @param {{method?: string, body?: unknown, headers?: Record<string, string>,
 *   signal?: AbortSignal}} [options] a body that is neither text nor bytes is sent as JSON
 */
export async function request(worker, path, { method, body, headers = {}, signal } = {}) {
  const isRaw = typeof body === 'string' || body === undefined || body instanceof Uint8Array;
  const asked = method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(worker.origin + path, {
    method: asked,
    headers: { origin: ORIGIN, 'content-type': 'application/json', ...headers },
    body: isRaw ? /** @type {BodyInit | undefined} */ (body) : JSON.stringify(body),
    signal,
  });
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  if (!isStream && asked !== 'OPTIONS') await described(asked, response.clone());
  return response;
}

/** The path of a shop's resource. @param {string} rest */
export const shopPath = (rest, shop = SHOP) => `/v1/shops/${shop}${rest}`;

/** @param {string} conversation @param {string} rest */
export const conversationPath = (conversation, rest) =>
  shopPath(`/conversations/${conversation}${rest}`);

/**
 * Opens a conversation.
 * @param {Target} worker
 * @param {Record<string, string>} [headers]
 * @returns {Promise<string>}
 */
export async function converse(worker, headers) {
  const response = await request(worker, shopPath('/conversations'), { method: 'POST', headers });
  if (response.status !== 201) {
    throw new Error(`no conversation: ${response.status} ${await response.text()}`);
  }
  return (await response.json()).conversation;
}

/** A turn that is in order. @param {string} text @param {object} [more] */
export const turn = (text, more = {}) => ({ v: VERSION, message_id: randomUUID(), text, ...more });

/**
 * Sends a turn.
 * @param {Target} worker
 * @param {string} conversation
 * @param {unknown} body
 * @param {Parameters<typeof request>[2] & {after?: string}} [options]
 *   `after`: a query that says what of the answer is known
 */
export const send = (worker, conversation, body, { after = '', ...options } = {}) =>
  request(worker, conversationPath(conversation, `/turns${after}`), {
    ...options,
    method: 'POST',
    body,
  });

/**
 * The messages above `after`.
 * @param {Target} worker
 * @param {string} conversation
 * @param {Record<string, string>} [headers]
 */
export async function history(worker, conversation, after = 0, headers = {}) {
  const path = conversationPath(conversation, `/messages?after=${after}`);
  const response = await request(worker, path, { headers });
  if (!response.ok) throw new Error(`no history: ${response.status} ${await response.text()}`);
  return response.json();
}

/**
 * Reads the answer to a turn from an event on, without sending anything.
 * @param {Target} worker
 * @param {string} conversation
 * @param {string} messageId
 * @param {string} [after] id of the last event that is known
 * @param {Parameters<typeof request>[2]} [options]
 */
export const resume = (worker, conversation, messageId, after, options) =>
  request(
    worker,
    conversationPath(conversation, `/turns/${messageId}${after ? `?after=${after}` : ''}`),
    options,
  );

/**
 * Stops the answer to a turn.
 * @param {Target} worker
 * @param {string} conversation
 * @param {string} messageId
 */
export const stop = (worker, conversation, messageId) =>
  request(worker, conversationPath(conversation, `/turns/${messageId}/stop`), { method: 'POST' });
