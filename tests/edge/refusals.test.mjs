/** What the edge worker refuses, with which status and code. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import {
  VERSION, conversationPath, converse, history, request, send, shopPath, turn,
} from '../support/api.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';
import { withLogs } from '../support/processes.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
let conversation = '';
before(async () => {
  worker = await startWorker();
  conversation = await converse(worker);
});
after(() => worker?.kill());

const RETRYABLE = ['busy', 'provider_failed', 'artifact_unavailable', 'internal'];

/** @param {Response} response @param {number} status @param {string} code */
async function assertRefused(response, status, code) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const { error, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.equal(error.code, code, error.message);
  assert.equal(error.retryable, RETRYABLE.includes(code));
  assert.match(error.message, /\S/);
  return error;
}

/**
 * @typedef {{
 *   name: string, status: number, code: string,
 *   path?: () => string, method?: string, body?: unknown, headers?: Record<string, string>,
 *   message?: RegExp,
 * }} Case
 *   by default a POST of `body` to the turns of the conversation
 */

/** @type {Case[]} */
const CASES = [
  { name: 'a body that is not JSON', body: '{"v":1,', status: 400, code: 'malformed_request' },
  { name: 'an empty body', body: '', status: 400, code: 'malformed_request' },
  { name: 'JSON of another shape', body: [1, 2], status: 400, code: 'malformed_request' },
  {
    name: 'a field of the wrong type',
    body: { ...turn('x'), text: 7 },
    status: 400,
    code: 'malformed_request',
  },
  {
    name: 'a field that is missing',
    body: { v: VERSION, message_id: randomUUID() },
    status: 400,
    code: 'malformed_request',
    message: /text/,
  },
  {
    name: 'a vector out of range',
    body: turn('x', { vector: [300] }),
    status: 400,
    code: 'malformed_request',
  },
  {
    name: 'a body that is not UTF-8',
    body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d),
    status: 400,
    code: 'malformed_request',
  },
  {
    name: 'a message id that is too short',
    body: turn('x', { message_id: 'short' }),
    status: 400,
    code: 'malformed_request',
  },
  {
    name: 'a message id with a path in it',
    body: turn('x', { message_id: '../../etc/passwd' }),
    status: 400,
    code: 'malformed_request',
  },
  { name: 'an empty message', body: turn(''), status: 400, code: 'empty_message' },
  { name: 'a message of blanks', body: turn(' \n\t\u00a0'), status: 400, code: 'empty_message' },
  { name: 'a version that is to come', body: turn('x', { v: 99 }), status: 400, code: 'unsupported_version' },
  { name: 'a version that never was', body: turn('x', { v: 0 }), status: 400, code: 'unsupported_version' },
  { name: 'a message too long by one', body: turn('é'.repeat(2001)), status: 413, code: 'message_too_long' },
  {
    name: 'a body over 32 KiB',
    body: turn('x', { padding: 'x'.repeat(32 * 1024) }),
    status: 413,
    code: 'message_too_long',
  },
  {
    name: 'a shop that is not served',
    path: () => shopPath('/conversations', 'nowhere'),
    status: 404,
    code: 'unknown_shop',
  },
  {
    name: 'the configuration of a shop that is not served',
    method: 'GET',
    path: () => shopPath('/config', 'nowhere'),
    status: 404,
    code: 'unknown_shop',
  },
  {
    name: 'a shop name with a path in it',
    method: 'GET',
    path: () => '/v1/shops/..%2f..%2fetc/config',
    status: 404,
    code: 'unknown_shop',
  },
  {
    name: 'an origin that is not on the list',
    path: () => shopPath('/conversations'),
    headers: { origin: 'https://evil.example' },
    status: 403,
    code: 'origin_not_allowed',
  },
  {
    name: 'an origin that only begins like one on the list',
    path: () => shopPath('/conversations'),
    headers: { origin: `${ORIGIN}.evil.example` },
    status: 403,
    code: 'origin_not_allowed',
  },
  {
    name: 'an opaque origin',
    path: () => shopPath('/conversations'),
    headers: { origin: 'null' },
    status: 403,
    code: 'origin_not_allowed',
  },
  {
    name: 'a turn from an origin that is not on the list',
    body: turn('x'),
    headers: { origin: 'https://evil.example' },
    status: 403,
    code: 'origin_not_allowed',
  },
  {
    name: 'a turn of a conversation that does not exist',
    path: () => conversationPath('0'.repeat(conversation.length), '/turns'),
    body: turn('x'),
    status: 404,
    code: 'unknown_conversation',
  },
  {
    name: 'the history of a conversation that does not exist',
    method: 'GET',
    path: () => conversationPath('0'.repeat(conversation.length), '/messages'),
    status: 404,
    code: 'unknown_conversation',
  },
  {
    name: 'a conversation id of another form',
    path: () => conversationPath('%27%3b--', '/turns'),
    body: turn('x'),
    status: 404,
    code: 'unknown_conversation',
  },
  {
    name: 'a conversation id without end',
    method: 'GET',
    path: () => conversationPath('a'.repeat(4000), '/messages'),
    status: 404,
    code: 'unknown_conversation',
  },
  {
    name: 'a history after what is no number',
    method: 'GET',
    path: () => conversationPath(conversation, '/messages?after=soon'),
    status: 400,
    code: 'malformed_request',
  },
  {
    name: 'GET of the turns',
    method: 'GET',
    path: () => conversationPath(conversation, '/turns'),
    status: 405,
    code: 'method_not_allowed',
  },
  {
    name: 'DELETE of the configuration',
    method: 'DELETE',
    path: () => shopPath('/config'),
    status: 405,
    code: 'method_not_allowed',
  },
  {
    name: 'POST of the health',
    path: () => '/healthz',
    body: {},
    status: 405,
    code: 'method_not_allowed',
  },
  { name: 'a path that leads nowhere', method: 'GET', path: () => '/v1/nowhere', status: 404, code: 'not_found' },
  { name: 'an asset that is not there', method: 'GET', path: () => '/assets/none.js', status: 404, code: 'not_found' },
  {
    name: 'a file beside the artifact',
    method: 'GET',
    path: () => '/artifacts/demo/..%2f..%2fworker%2fconfig.capnp',
    status: 404,
    code: 'not_found',
  },
];

for (const { name, status, code, path, method = 'POST', body, headers, message } of CASES) {
  test(`${name}: ${status} ${code}`, async () => {
    const url = path?.() ?? conversationPath(conversation, '/turns');
    try {
      const response = await request(worker, url, { method, body, headers });
      const error = await assertRefused(response, status, code);
      if (message) assert.match(error.message, message);
    } catch (error) {
      throw withLogs(error);
    }
  });
}

test('a POST without an origin: 403 origin_not_allowed', async () => {
  const response = await fetch(worker.origin + shopPath('/conversations'), { method: 'POST' });
  await assertRefused(response, 403, 'origin_not_allowed');
});

test('nothing that was refused is stored, and the worker still answers', async () => {
  assert.deepEqual(await history(worker, conversation), { messages: [], last_seq: 0 });
  const response = await send(worker, conversation, turn('x'.repeat(2000)));
  assert.equal(response.status, 200);
  await response.text();
});

test('the text of an error holds nothing that was sent as markup', async () => {
  const sent = '<script>alert(1)</script>';
  const response = await request(worker, `/v1/${encodeURIComponent(sent)}`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  await response.text();
});
