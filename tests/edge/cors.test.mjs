/** What browsers of other origins may do, and how files are served. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { converse, conversationPath, request, shopPath, turn } from '../support/api.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.kill());

/** @param {string} path @param {string} origin @param {string} method */
const preflight = (path, origin, method) =>
  fetch(worker.origin + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type',
    },
  });

test('a browser may ask before it posts', async () => {
  for (const path of ['/conversations', '/conversations/abc/turns']) {
    const response = await preflight(shopPath(path), ORIGIN, 'POST');
    assert.ok(response.ok, `${path}: ${response.status}`);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /POST/);
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /content-type/i);
    assert.equal(response.headers.get('access-control-allow-credentials'), null);
  }
});

test('the shop may read every reply, refusals too', async () => {
  const conversation = await converse(worker);
  const cases = [
    request(worker, shopPath('/config')),
    request(worker, conversationPath(conversation, '/messages')),
    request(worker, conversationPath(conversation, '/turns'), { method: 'POST', body: turn('') }),
    request(worker, conversationPath('0'.repeat(32), '/messages')),
    request(worker, shopPath('/config', 'nowhere')),
    request(worker, '/v1/nowhere'),
  ];
  for (const response of await Promise.all(cases)) {
    await response.text();
    assert.equal(response.headers.get('access-control-allow-origin'), '*', response.url);
    assert.equal(response.headers.get('access-control-allow-credentials'), null, response.url);
  }
});

test('a page of another origin gets nothing of a conversation', async () => {
  const conversation = await converse(worker);
  const elsewhere = { headers: { origin: 'https://evil.example' } };
  for (const path of [shopPath('/config'), conversationPath(conversation, '/messages')]) {
    const response = await request(worker, path, elsewhere);
    assert.equal(response.status, 403, path);
    assert.equal((await response.json()).error.code, 'origin_not_allowed');
  }
});

test('what a conversation holds is not to be stored by anyone between', async () => {
  const conversation = await converse(worker);
  const response = await request(worker, conversationPath(conversation, '/messages'));
  await response.text();
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('the loader is for every page and is asked for again before long', async () => {
  const response = await fetch(`${worker.origin}/aisle.js`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /javascript/);
  assert.doesNotMatch(response.headers.get('cache-control') ?? '', /immutable/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.ok((await response.arrayBuffer()).byteLength <= 10_000);
});

test('what the loader names is served for ever, to every origin, with its type', async () => {
  const loader = await (await fetch(`${worker.origin}/aisle.js`)).text();
  const names = [...new Set(loader.match(/assets\/[\w.-]+\.(?:js|wasm)/g))];
  assert.ok(names.length >= 5, String(names));
  for (const name of names) {
    const response = await fetch(`${worker.origin}/${name}`);
    await response.arrayBuffer();
    assert.equal(response.status, 200, name);
    const type = name.endsWith('.wasm') ? /^application\/wasm$/ : /^text\/javascript/;
    assert.match(response.headers.get('content-type') ?? '', type, name);
    assert.match(response.headers.get('cache-control') ?? '', /max-age=31536000.*immutable/, name);
    assert.equal(response.headers.get('access-control-allow-origin'), '*', name);
  }
});
