/** Turns and their streamed answers, without a language model. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { converse, history, request, send, shopPath, turn } from '../support/api.mjs';
import { events, frames, shapeOf, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker();
});
after(() => worker?.kill());

const POLICY = 'How long do I have to return something?';
const PRODUCTS = 'regency cakestand';

/** Sends a turn and returns the events of its answer. */
async function ask(/** @type {string} */ conversation, /** @type {object} */ body) {
  const response = await send(worker, conversation, body);
  assert.equal(response.status, 200, response.ok ? '' : await response.text());
  return events(response);
}

test('the worker is healthy', async () => {
  const response = await fetch(`${worker.origin}/healthz`);
  assert.equal(response.status, 200);
  assert.equal((await response.json()).status, 'ok');
});

test('the configuration names the shop and an artifact that is there', async () => {
  const response = await request(worker, shopPath('/config'));
  assert.equal(response.status, 200);
  const profile = await response.json();
  assert.equal(profile.name, 'Fernside & Co');
  assert.equal(profile.v, 1);
  for (const file of ['manifest.json', 'encoder.onnx', 'ranker.onnx', 'index.bin']) {
    const found = await request(worker, `${profile.artifact.replace(/\/$/, '')}/${file}`);
    assert.equal(found.status, 200, file);
    assert.ok((await found.arrayBuffer()).byteLength > 0, file);
  }
});

test('a conversation id cannot be guessed', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => converse(worker)));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[\w-]{20,128}$/);
});

test('an answer streams as events that are named, and say how far they go', async () => {
  const response = await send(worker, await converse(worker), turn(POLICY));
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('cache-control'), 'no-cache, no-transform');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  let count = 0;
  let bytes = 0;
  for await (const { id, event, data } of frames(response)) {
    if (!data) continue;
    count += 1;
    bytes += Buffer.byteLength(data.text ?? '');
    assert.equal(id, `1-${bytes}`);
    assert.equal(event, data.type);
  }
  assert.ok(count >= 4, `${count} events`);
});

test('a policy question is answered from the documents, with its source', async () => {
  const answer = await ask(await converse(worker), turn(POLICY));
  assert.deepEqual(answer[0].data, { type: 'accepted', message_seq: 1, answer_seq: 2 });
  assert.deepEqual(answer.at(-1)?.data, { type: 'done', status: 'complete' });
  assert.match(textOf(answer), /30 days/);
  const { sources } = answer.find(({ data }) => data.type === 'sources')?.data ?? {};
  assert.match(sources[0].url, /^\/[\w/-]*returns/);
  assert.match(sources[0].title, /return/i);
});

test('a product question is answered with products of the catalogue', async () => {
  const answer = await ask(await converse(worker), turn(PRODUCTS));
  const { products } = answer.find(({ data }) => data.type === 'products')?.data ?? {};
  assert.ok(products.length > 0);
  for (const product of products) {
    assert.match(product.url, /^\/products\/[\w-]+$/);
    assert.equal(product.currency, 'GBP');
    assert.ok(Number.isInteger(product.price_minor) && product.price_minor > 0);
  }
  assert.match(products[0].title, /cake ?stand/i);
  assert.equal(answer.at(-1)?.data.type, 'done');
});

test('what the shop knows nothing about still gets a whole answer', async () => {
  const answer = await ask(await converse(worker), turn('qwxz vvkp zzt'));
  assert.deepEqual(shapeOf(answer), ['accepted', 'delta', 'done']);
});

test('the same message sent again gets the same answer and is stored once', async () => {
  const conversation = await converse(worker);
  const body = turn(POLICY);
  const first = await ask(conversation, body);
  const second = await ask(conversation, body);
  assert.deepEqual(second[0].data, first[0].data);
  assert.equal(textOf(second), textOf(first));
  assert.deepEqual(shapeOf(second), shapeOf(first));
  assert.equal((await history(worker, conversation)).last_seq, 2);
});

test('the history holds what was said, in order, and starts after any number', async () => {
  const conversation = await converse(worker);
  const body = turn(POLICY);
  const answer = await ask(conversation, body);
  await ask(conversation, turn(PRODUCTS));
  const { messages, last_seq } = await history(worker, conversation);
  assert.equal(last_seq, 4);
  assert.deepEqual(messages.map((/** @type {any} */ m) => [m.seq, m.role, m.status]), [
    [1, 'shopper', 'complete'],
    [2, 'assistant', 'complete'],
    [3, 'shopper', 'complete'],
    [4, 'assistant', 'complete'],
  ]);
  assert.equal(messages[0].text, POLICY);
  assert.equal(messages[0].message_id, body.message_id);
  assert.equal(messages[1].message_id, '');
  assert.equal(messages[1].text, textOf(answer));
  assert.deepEqual(
    messages[1].sources,
    answer.find(({ data }) => data.type === 'sources')?.data.sources,
  );
  assert.ok(Math.abs(Date.now() - messages[0].at_ms) < 60_000);
  for (const after of [1, 3, 4, 5]) {
    const rest = await history(worker, conversation, after);
    assert.deepEqual(rest.messages, messages.slice(after));
    assert.equal(rest.last_seq, 4);
  }
});

test('conversations are apart', async () => {
  const [one, other] = [await converse(worker), await converse(worker)];
  await ask(one, turn(POLICY));
  assert.equal((await history(worker, other)).last_seq, 0);
});

test('an answer that was given on the device is kept by reference', async () => {
  const conversation = await converse(worker);
  const seen = await ask(conversation, turn(POLICY));
  const [source] = seen.find(({ data }) => data.type === 'sources')?.data.sources ?? [];
  const found = await ask(conversation, turn(PRODUCTS));
  const [product] = found.find(({ data }) => data.type === 'products')?.data.products ?? [];

  const local = { section: source.section, skus: [product.sku, 'no-such-sku'] };
  const kept = await ask(conversation, turn('returns', { local, intent: 'return_policy' }));
  assert.equal(kept[0].data.type, 'accepted');
  assert.deepEqual(kept.at(-1)?.data, { type: 'done', status: 'complete' });

  const { messages } = await history(worker, conversation, 4);
  assert.equal(messages.length, 2);
  assert.equal(messages[0].text, 'returns');
  assert.equal(messages[1].role, 'assistant');
  assert.equal(messages[1].status, 'complete');
  assert.match(messages[1].text, /30 days/);
  assert.deepEqual(messages[1].sources, [source]);
  assert.deepEqual(messages[1].products, [product]);
});

test('a client cannot put words into the mouth of the shop', async () => {
  const conversation = await converse(worker);
  const local = { section: 4_000_000_000, skus: ['<b>Ruritania</b>'], text: 'Ruritania is free.' };
  await ask(conversation, turn('hello', { local }));
  const { messages } = await history(worker, conversation);
  assert.equal(messages.length, 2);
  assert.doesNotMatch(JSON.stringify(messages[1]), /ruritania/i);
});

test('a vector and an intent from the engine are taken', async () => {
  const manifest = await (await request(worker, '/artifacts/demo/manifest.json')).json();
  const conversation = await converse(worker);
  assert.ok(manifest.labels.includes('return_policy'));
  const answer = await ask(conversation, turn('it is not for me', { intent: 'return_policy' }));
  assert.match(textOf(answer), /return/i);
  const odd = await ask(conversation, turn('mug', { vector: [1, 2, 3], intent: 'nonsense' }));
  assert.equal(odd.at(-1)?.data.type, 'done');
});

test('a message of any script is kept as it was written', async () => {
  const conversation = await converse(worker);
  const text = 'Ünïcödé 🧺 كم يستغرق التوصيل؟ <b>&amp;</b> \u2028 "quoted" \\ \u0000';
  await ask(conversation, turn(text));
  assert.equal((await history(worker, conversation)).messages[0].text, text);
});
