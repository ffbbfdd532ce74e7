/** The interface of administrators: settings, artifacts, spending, figures. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { request, shopPath } from '../support/api.mjs';
import { described } from '../support/description.mjs';
import { root } from '../support/paths.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

const [ALL, SOME] = ['a key for everything', 'a key for one shop'];
const sha256 = (/** @type {string | Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex');
const FILES = ['manifest.json', 'encoder.onnx', 'ranker.onnx', 'index.bin'];

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  const shop = { name: 'A shop', origins: [ORIGIN] };
  worker = await startWorker({
    env: {
      AISLE_SHOPS: JSON.stringify({ demo: shop, other: shop }),
      AISLE_ADMIN_KEYS: JSON.stringify({
        all: sha256(ALL),
        some: { sha256: sha256(SOME), shops: ['other'] },
      }),
    },
  });
});
after(() => worker?.kill());

/**
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, key?: string, headers?: Record<string, string>}} [options]
 */
async function ask(method, path, { body, key = ALL, headers } = {}) {
  const response = await request(worker, path, {
    method,
    body,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  const { status, headers: got } = response;
  return { status, etag: got.get('etag'), headers: got, body: await described(method, response) };
}

const settings = (shop = 'demo') => `/v1/admin/shops/${shop}/settings`;
const artifacts = (rest = '', shop = 'demo') => `/v1/admin/shops/${shop}/artifacts${rest}`;

/** Whether a page of this origin may use the chat. @param {string} origin */
const mayOpen = async (origin) =>
  (await request(worker, shopPath('/config'), { headers: { origin } })).status === 200;

test('a key is for its shops, and what is not is answered as without one', async () => {
  assert.deepEqual((await ask('GET', '/v1/admin/shops')).body.shops, ['demo', 'other']);
  assert.deepEqual((await ask('GET', '/v1/admin/shops', { key: SOME })).body.shops, ['other']);
  const refused = new Set();
  for (const [path, key] of [
    [settings('demo'), SOME], [settings('nowhere'), SOME], [settings('demo'), 'wrong'],
    ['/v1/admin/shops', 'wrong'], ['/metrics', SOME], [artifacts(), 'wrong'],
  ]) {
    const { status, body } = await ask('GET', path, { key });
    assert.equal(status, 401, path);
    refused.add(JSON.stringify(body));
  }
  assert.equal(refused.size, 1);
  assert.equal((await ask('GET', settings('other'), { key: SOME })).status, 200);
  assert.equal((await ask('GET', settings('nowhere'))).body.error.code, 'unknown_shop');
});

test('settings are replaced by whoever knows the latest ones, and hold at once', async () => {
  const first = await ask('GET', settings());
  assert.deepEqual([first.body.version, first.etag, first.body.settings], [0, '"0"', {}]);
  const wanted = {
    origins: [ORIGIN, 'https://new.example'],
    rules: ['Be brief.'],
    limits: { turns_per_minute: 7 },
    link_hosts: ['parcels.example'],
    discount_codes: [{ code: 'HELLO5', terms: '5% off a first order' }],
  };
  const put = (/** @type {string | undefined} */ version, /** @type {unknown} */ body = wanted) =>
    ask('PUT', settings(), { body, headers: version ? { 'if-match': version } : {} });
  assert.equal((await put(undefined)).status, 428);
  assert.equal(await mayOpen('https://new.example'), false);
  const replies = await Promise.all([put('"0"'), put('"0"'), put('"0"')]);
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 412, 412]);
  assert.equal(await mayOpen('https://new.example'), true);
  const { body, etag } = await ask('GET', settings());
  assert.deepEqual([body.version, etag, body.settings], [1, '"1"', wanted]);
  assert.equal(body.in_effect.name, 'A shop');
  assert.equal(body.in_effect.limits.turns_per_minute, 7);
  for (const wrong of [{ orders: {} }, { origins: ['https://a.example/'] }, { rules: 'x' }, { limits: { turns_per_minute: 0 } }, { link_hosts: ['https://a.example'] }, { discount_codes: ['A'] }, { providers: ['none'] }, [], 'x']) {
    assert.equal((await put('"1"', wrong)).status, 400, JSON.stringify(wrong));
  }
  await worker.kill();
  await worker.start();
  assert.equal(await mayOpen('https://new.example'), true);
  assert.equal((await put('"1"', {})).status, 200);
  assert.equal(await mayOpen('https://new.example'), false);
});

test('an artifact is published whole, served for ever, and taken back', async () => {
  const read = (/** @type {string} */ name) => readFileSync(join(root, 'demo-site/artifact', name));
  const files = Object.fromEntries(FILES.map((name) => [name, sha256(read(name))]));
  const missing = await ask('POST', artifacts(), { body: { files } });
  assert.match(missing.body.error.message, /was not sent/);
  for (const name of FILES) {
    const wrong = await ask('PUT', artifacts(`/files/${'0'.repeat(64)}`), { body: read(name) });
    assert.equal(wrong.status, 400);
    const { status, body } = await ask('PUT', artifacts(`/files/${files[name]}`), { body: read(name) });
    assert.deepEqual([status, body.bytes], [200, read(name).length]);
  }
  const mixed = { ...files, 'ranker.onnx': files['encoder.onnx'] };
  assert.match((await ask('POST', artifacts(), { body: { files: mixed } })).body.error.message, /damaged/);
  assert.equal((await ask('GET', artifacts())).body.current, null);

  const published = await ask('POST', artifacts(), { body: { files } });
  assert.equal(published.status, 200, JSON.stringify(published.body));
  const id = published.body.current;
  assert.deepEqual(published.body.published.map((/** @type {any} */ one) => one.id), [id]);
  const profile = await described('GET', await request(worker, shopPath('/config')));
  assert.equal(profile.artifact, `/artifacts/demo/${id}`);
  for (const name of FILES) {
    const response = await fetch(`${worker.origin}/artifacts/demo/${id}/${name}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(sha256(bytes), files[name]);
    assert.match(response.headers.get('cache-control') ?? '', /immutable/);
    const told = profile.integrity.find((/** @type {any} */ one) => one.file === name).integrity;
    assert.equal(told, `sha256-${createHash('sha256').update(bytes).digest('base64')}`);
  }
  assert.equal((await fetch(`${worker.origin}/artifacts/other/${id}/index.bin`)).status, 404);
  assert.equal((await fetch(`${worker.origin}/artifacts/nowhere/${id}/index.bin`)).status, 404);

  await worker.kill();
  await worker.start();
  assert.equal((await ask('GET', artifacts())).body.current, id);
  const unknown = await ask('PUT', artifacts('/current'), { body: { id: 'unknown' } });
  assert.equal(unknown.status, 404);
  const back = await ask('PUT', artifacts('/current'), { body: { id: null } });
  assert.equal(back.body.current, null);
  const after = await described('GET', await request(worker, shopPath('/config')));
  assert.equal(after.artifact, '/artifacts/demo');
});

test('a request has an id, its own if it is well-formed', async () => {
  const given = await fetch(`${worker.origin}/healthz`, { headers: { 'x-request-id': 'trace-1234.5' } });
  assert.equal(given.headers.get('x-request-id'), 'trace-1234.5');
  const made = await fetch(`${worker.origin}/healthz`, { headers: { 'x-request-id': 'a "b"' } });
  assert.match(made.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
});

test('the log has a line for a request, without what was asked for', async () => {
  await request(worker, `${shopPath('/conversations/c-secret/messages')}?after=4`, {
    headers: { 'x-request-id': 'trace-of-the-log' },
  });
  const line = worker.server?.lines.find((one) => one.includes('trace-of-the-log')) ?? '{}';
  const { time_ms: time, duration_ms: duration, ...rest } = JSON.parse(line.slice(line.indexOf('{')));
  assert.ok(time > 0 && duration >= 0);
  assert.deepEqual(rest, {
    level: 'warn',
    request_id: 'trace-of-the-log',
    shop: 'demo',
    method: 'GET',
    route: '/v1/shops/{shop}/conversations/{conversation}/messages',
    status: 404,
  });
});

test('figures are told to whoever has the key', async () => {
  const { body, headers } = await ask('GET', '/metrics');
  assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(body, /^aisle_requests_total\{method="GET",route="\/healthz",status="200"\} \d+$/m);
  assert.match(body, /^aisle_model_streams_open 0$/m);
});

test('the description is served as it is', async () => {
  const served = await (await fetch(`${worker.origin}/v1/openapi.json`)).json();
  assert.deepEqual(served, JSON.parse(readFileSync(join(root, 'worker/openapi.json'), 'utf8')));
});
