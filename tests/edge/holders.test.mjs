/** Whose a conversation is: a customer's alone once a customer has opened or continued it. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { conversationPath, request, shopPath, turn } from '../support/api.mjs';
import { as, customerToken, withOrders } from '../support/orders.mjs';
import { SHOP, startWorker } from '../support/worker.mjs';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker({ env: withOrders(SHOP) });
});
after(() => worker?.kill());

const ANN = customerToken(SHOP, { sub: 'ann' });
const OTHERS = {
  'another customer': customerToken(SHOP, { sub: 'bob' }),
  'an expired token': customerToken(SHOP, { sub: 'ann', exp: 1_700_000_000 }),
  'a forged token': customerToken('another shop', { sub: 'ann', aud: SHOP }),
  nobody: undefined,
};

/** @typedef {string | undefined} Token */

/** @param {Token} token */
const headers = (token) => (token ? as(token) : {});

/** @param {Token} token @returns {Promise<string>} */
async function open(token) {
  const response = await request(worker, shopPath('/conversations'), { method: 'POST', headers: headers(token) });
  assert.equal(response.status, 201);
  return (await response.json()).conversation;
}

/** @param {string} conversation @param {Token} token */
const read = (conversation, token) =>
  request(worker, conversationPath(conversation, '/messages'), { headers: headers(token) });

/** @param {string} conversation @param {Token} token */
const ask = (conversation, token) =>
  request(worker, conversationPath(conversation, '/turns'), {
    body: turn('do you ship to Norway?'),
    headers: headers(token),
  });

/** @param {Response} response */
const seen = async (response) => [response.status, await response.text()];

for (const [who, token] of Object.entries(OTHERS)) {
  test(`a customer’s conversation does not exist for ${who}`, async () => {
    const conversation = await open(ANN);
    assert.equal((await ask(conversation, ANN).then((reply) => reply.text().then(() => reply))).status, 200);
    const absent = randomUUID();
    assert.deepEqual(await seen(await read(conversation, token)), await seen(await read(absent, token)));
    assert.deepEqual(await seen(await ask(conversation, token)), await seen(await ask(absent, token)));
    const { messages } = await (await read(conversation, ANN)).json();
    assert.equal(messages.length, 2);
  });
}

test('a conversation is its customer’s from the first turn with a token on', async () => {
  const conversation = await open(undefined);
  await (await ask(conversation, undefined)).text();
  // Reading with a token takes nothing from anybody.
  assert.equal((await read(conversation, ANN)).status, 200);
  assert.equal((await read(conversation, undefined)).status, 200);
  await (await ask(conversation, ANN)).text();
  assert.equal((await read(conversation, ANN)).status, 200);
  for (const token of Object.values(OTHERS)) {
    assert.equal((await read(conversation, token)).status, 404);
  }
  const { messages } = await (await read(conversation, ANN)).json();
  assert.equal(messages.length, 4);
});

test('whose it is outlives a kill', async () => {
  const conversation = await open(ANN);
  await worker.kill();
  await worker.start();
  assert.equal((await read(conversation, ANN)).status, 200);
  assert.equal((await read(conversation, undefined)).status, 404);
});
