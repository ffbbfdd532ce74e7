/** What is kept of somebody, handed out and deleted: complete, and of nobody else. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { conversationPath, converse, history, request, send, shopPath, turn } from '../support/api.mjs';
import { SECRET, signedIn } from '../support/customer.mjs';
import { filesWith } from '../support/disk.mjs';
import { claimsOf } from '../support/jwt.mjs';
import { obeyShopper } from '../support/obedient.mjs';
import { loadOrders } from '../support/orders.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, until } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const ANN = signedIn('7', { email: 'Ann@shop.example' });
const BOB = signedIn('8', { email: 'bob@shop.example' });
const WORD = 'xylophone';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
beforeEach(async () => {
  worker = await startWorker({
    env: { ...adminEnv, AISLE_IDENTITY_SECRETS: JSON.stringify({ demo: SECRET }) },
  });
});
afterEach(() => worker?.kill());

/** A conversation with one answered message. @param {Record<string, string>} [headers] */
async function spoken(headers, text = `Do you sell a ${WORD}?`) {
  const conversation = await converse(worker, headers);
  await events(await send(worker, conversation, turn(text), { headers }));
  return conversation;
}

const order = (/** @type {string} */ number, /** @type {object} */ of) => ({
  number,
  state: 'paid',
  placed_at_ms: 1_772_000_000_000,
  currency: 'GBP',
  lines: [{ sku: 'M1', title: 'Mug', quantity: 1, price_minor: 425 }],
  total_minor: 425,
  ...of,
});

const exported = async (/** @type {object} */ subject) =>
  lines(await administer(worker, '/privacy/export', { body: subject }));

const deleted = async (/** @type {object} */ subject) => {
  const response = await administer(worker, '/privacy/delete', { body: subject });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
};

const gone = (/** @type {string} */ conversation) =>
  assert.rejects(history(worker, conversation), /404/);

test('everything of a customer is handed out and deleted, and nothing of another', async () => {
  await loadOrders(worker, [
    order('#1', { email: 'ann@shop.example' }),
    order('#2', { customer: '7' }),
    order('#3', { email: 'bob@shop.example', customer: '8' }),
  ]);
  const anns = [await spoken(ANN), await spoken(ANN)];
  const bobs = await spoken(BOB);
  const nobodys = await spoken();

  const both = { email: 'ann@shop.example', customer: '7' };
  const found = await exported(both);
  const conversations = found.filter((line) => line.messages);
  assert.deepEqual(conversations.map((line) => line.id).sort(), [...anns].sort());
  for (const { started, messages } of conversations) {
    assert.ok(Math.abs(Date.parse(started) - Date.now()) < 60_000, started);
    assert.deepEqual(messages.map((/** @type {any} */ m) => m.role), ['shopper', 'assistant']);
    assert.match(messages[0].text, new RegExp(WORD));
  }
  const orders = found.filter((line) => line.order).map((line) => line.order.number);
  assert.deepEqual(orders.sort(), ['#1', '#2']);

  const receipt = await deleted(both);
  assert.deepEqual(
    [receipt.state, receipt.conversations, receipt.orders, receipt.by],
    ['done', 2, 2, ['email', 'customer']],
  );
  assert.doesNotMatch(JSON.stringify(receipt), /ann|"7"/i);
  for (const conversation of anns) await gone(conversation);
  assert.deepEqual(await exported(both), []);
  const again = await deleted(both);
  assert.deepEqual([again.conversations, again.orders], [0, 0]);

  const others = await exported({ email: 'bob@shop.example' });
  assert.deepEqual(others.map((line) => line.id ?? line.order.number), [bobs, '#3']);
  assert.equal((await history(worker, nobodys)).last_seq, 2);
  const kept = await (await administer(worker, `/privacy/requests/${receipt.receipt}`)).json();
  assert.deepEqual(kept, receipt);
  assert.deepEqual(filesWith(worker.disk, 'ann@shop'), []);
});

test('who signs in during a conversation is found by it', async () => {
  const conversation = await spoken();
  assert.deepEqual(await exported({ customer: '7' }), []);
  await events(await send(worker, conversation, turn('And cups?'), { headers: ANN }));
  const [found] = await exported({ email: 'ann@shop.example' });
  assert.equal(found.id, conversation);
  assert.equal(found.messages.length, 4);
});

test('a guest who proves an order is found by the address, and nobody else is', async () => {
  const provider = await startProvider(obeyShopper);
  const asked = await startWorker({ llm: { url: provider.url }, env: adminEnv });
  try {
    await loadOrders(asked, [order('#1', { email: 'ann@shop.example' })]);
    const text = 'Where is #1?\nCALL order_status {"number":"#1"}';
    const guest = async (/** @type {string} */ email) => {
      const conversation = await converse(asked);
      await events(await send(asked, conversation, turn(text, { email })));
      return conversation;
    };
    const proved = await guest('Ann@shop.example');
    await guest('bob@shop.example');
    const of = (/** @type {string} */ email) =>
      administer(asked, '/privacy/export', { body: { email } }).then(lines);
    const found = await of('ann@shop.example');
    assert.deepEqual(found.map((line) => line.id ?? line.order.number), [proved, '#1']);
    assert.deepEqual(await of('bob@shop.example'), []);
    const body = { email: 'ann@shop.example' };
    const receipt = await (await administer(asked, '/privacy/delete', { body })).json();
    assert.deepEqual([receipt.conversations, receipt.orders], [1, 1]);
    await assert.rejects(history(asked, proved), /404/);
    assert.deepEqual(filesWith(asked.disk, 'ann@shop'), []);
  } finally {
    await Promise.all([asked.kill(), provider.stop()]);
  }
});

/** A worker with sessions. */
async function guarded() {
  const started = await startWorker({
    env: {
      ...adminEnv,
      AISLE_SESSION_SECRET: 'a secret of the tests, long enough',
      AISLE_IDENTITY_SECRETS: JSON.stringify({ demo: SECRET }),
    },
  });
  const session = async (/** @type {Record<string, string>} */ headers = {}) => {
    const granted = await request(started, shopPath('/session'), { method: 'POST', headers });
    return { 'x-aisle-session': (await granted.json()).session };
  };
  return {
    worker: started,
    session,
    /** The session of somebody new, renewed once, so that something is kept of them. */
    visitor: async () => session(await session()),
    read: (/** @type {string} */ id, /** @type {Record<string, string>} */ headers) =>
      request(started, conversationPath(id, '/messages'), { headers }),
    ask: async (/** @type {string} */ path, /** @type {object} */ body) =>
      administer(started, `/privacy/${path}`, { body }),
    deleteOwn: (/** @type {Record<string, string>} */ headers) =>
      request(started, shopPath('/visitor'), { method: 'DELETE', headers }),
  };
}

const visitorOf = (/** @type {{'x-aisle-session': string}} */ headers) =>
  claimsOf(headers['x-aisle-session']).sub;

for (const by of ['visitor', 'customer', 'email', 'conversation', 'shopper']) {
  test(`the visitor of what is deleted by ${by} is forgotten at once`, async () => {
    const { worker: at, session, visitor, read, ask } = await guarded();
    try {
      const [mine, theirs] = [await visitor(), await visitor()];
      const signed = ['customer', 'email'].includes(by) ? ANN : {};
      const conversation = await converse(at, { ...mine, ...signed });
      const kept = await converse(at, theirs);
      if (by === 'shopper') {
        const path = conversationPath(conversation, '');
        assert.equal((await request(at, path, { method: 'DELETE', headers: mine })).status, 204);
      } else {
        const values = { visitor: visitorOf(mine), customer: '7', email: 'ann@shop.example', conversation };
        const receipt = await (await ask('delete', { [by]: values[by] })).json();
        assert.deepEqual([receipt.state, receipt.conversations], ['done', 1]);
      }
      // Nobody knows the latest token any more: who has it is somebody new.
      assert.equal((await read(conversation, mine)).status, 401);
      assert.notEqual(visitorOf(await session(mine)), visitorOf(mine));
      assert.equal((await read(kept, theirs)).status, 200);
      assert.equal(visitorOf(await session(theirs)), visitorOf(theirs));
    } finally {
      await at.kill();
    }
  });
}

test('a visitor to whom another conversation leads is not forgotten', async () => {
  const { worker: at, visitor, read, ask } = await guarded();
  try {
    const mine = await visitor();
    const signedInAt = await converse(at, { ...mine, ...ANN });
    const before = await converse(at, mine);
    const receipt = await (await ask('delete', { customer: '7' })).json();
    assert.deepEqual([receipt.state, receipt.conversations], ['done', 1]);
    assert.equal((await read(before, mine)).status, 200);
    assert.equal((await read(signedInAt, { ...mine, ...ANN })).status, 404);
  } finally {
    await at.kill();
  }
});

test('a shopper deletes everything of theirs, and nothing of whoever else was there', async () => {
  const { worker: at, session, visitor, read, ask, deleteOwn } = await guarded();
  try {
    const [mine, theirs] = [await visitor(), await visitor()];
    const say = async (/** @type {Record<string, string>} */ headers) => {
      const conversation = await converse(at, headers);
      await events(await send(at, conversation, turn(`Do you sell a ${WORD}?`), { headers }));
      return conversation;
    };
    const anns = [await say(mine), await say({ ...mine, ...ANN }), await say({ ...theirs, ...ANN })];
    const others = [
      { id: await say({ ...mine, ...BOB }), headers: { ...mine, ...BOB } },
      { id: await say(theirs), headers: theirs },
    ];
    assert.equal((await deleteOwn({})).status, 401);
    assert.equal((await deleteOwn({ ...mine, origin: 'https://evil.example' })).status, 403);
    // Signed in: of this visitor, and of the customer on every device.
    const response = await deleteOwn({ ...mine, ...ANN });
    assert.equal(response.status, 204, await response.text());
    for (const conversation of anns) {
      assert.deepEqual(await lines(await ask('export', { conversation })), []);
    }
    assert.deepEqual(await lines(await ask('export', { customer: '7' })), []);
    const { requests } = await (await administer(at, '/privacy/requests')).json();
    assert.deepEqual(requests, [], 'nothing tells that somebody deleted');
    assert.equal((await deleteOwn(mine)).status, 401, 'the token leads nowhere');
    const fresh = await session(mine);
    assert.notEqual(visitorOf(fresh), visitorOf(mine));
    const [bobs, their] = others;
    assert.equal((await read(bobs.id, { ...fresh, ...BOB })).status, 200);
    assert.equal((await read(their.id, theirs)).status, 200);
    assert.equal((await deleteOwn(theirs)).status, 204);
    assert.equal((await read(bobs.id, { ...fresh, ...BOB })).status, 200);
    assert.deepEqual(await lines(await ask('export', { visitor: visitorOf(theirs) })), []);
  } finally {
    await at.kill();
  }
});

test('a shopper deletes the conversation, and no byte of it is left', async () => {
  const conversation = await spoken();
  assert.notDeepEqual(filesWith(worker.disk, WORD), []);
  const path = conversationPath(conversation, '');
  const foreign = await request(worker, path, {
    method: 'DELETE',
    headers: { origin: 'https://evil.example' },
  });
  assert.equal(foreign.status, 403);
  const response = await request(worker, path, { method: 'DELETE' });
  assert.equal(response.status, 204, await response.text());
  await gone(conversation);
  assert.deepEqual(await exported({ conversation }), []);
  assert.equal((await request(worker, path, { method: 'DELETE' })).status, 404);
  assert.equal((await send(worker, conversation, turn('Hello?'))).status, 404);
  await worker.kill();
  assert.deepEqual(filesWith(worker.disk, WORD), []);
});

test('a conversation that is deleted in mid-answer ends it', async () => {
  const provider = await startProvider();
  const busy = await startWorker({ llm: { url: provider.url }, env: adminEnv });
  try {
    const conversation = await converse(busy);
    const stream = frames(await send(busy, conversation, turn(`Do you sell a ${WORD}?`)));
    const completion = await provider.next();
    completion.say('Our mugs ');
    await until(stream, 'delta');
    const response = await request(busy, conversationPath(conversation, ''), { method: 'DELETE' });
    assert.equal(response.status, 204, await response.text());
    assert.equal((await completion.closed).isWhole, false);
    await assert.rejects(history(busy, conversation), /404/);
    await busy.kill();
    assert.deepEqual(filesWith(busy.disk, WORD), []);
  } finally {
    await Promise.all([busy.kill(), provider.stop()]);
  }
});

test('a deletion that is killed goes on by itself', async () => {
  const conversations = [];
  for (let at = 0; at < 40; at += 1) conversations.push(await converse(worker, ANN));
  await spoken(ANN);
  const cut = administer(worker, '/privacy/delete', { body: { customer: '7' } });
  cut.catch(() => {});
  await eventually('it has begun', async () => {
    const { requests } = await (await administer(worker, '/privacy/requests')).json();
    return requests.length === 1;
  });
  await worker.kill();
  await worker.start();
  const receipt = await eventually('it is done', async () => {
    const { requests } = await (await administer(worker, '/privacy/requests')).json();
    return requests[0].state === 'done' && requests[0];
  }, 30_000);
  assert.equal(receipt.conversations, 41);
  for (const conversation of conversations) await gone(conversation);
  assert.deepEqual(await exported({ customer: '7' }), []);
});

test('who objects to further use is left out of what is trained with', async () => {
  const plain = await spoken();
  const objects = await spoken({ 'sec-gpc': '1' });
  const refuses = await spoken({ 'x-aisle-consent': 'no' });
  const later = await spoken();
  await events(
    await send(worker, later, turn('And cups?'), { headers: { 'sec-gpc': '1' } }),
  );
  const training = await lines(await administer(worker, '/conversations?since=0'));
  assert.deepEqual(training.map((line) => line.id), [plain]);
  for (const conversation of [objects, refuses, later]) {
    const [line] = await exported({ conversation });
    assert.equal(line.id, conversation);
  }
  const since = Date.parse(training[0].started) + 60_000;
  assert.deepEqual(await lines(await administer(worker, `/conversations?since=${since}`)), []);
});

test('only administrators ask, and nobody is not everybody', async () => {
  await spoken();
  for (const path of ['/privacy/export', '/privacy/delete']) {
    const response = await request(worker, `/v1/admin/shops/demo${path}`, { body: { customer: '7' } });
    assert.equal(response.status, 401);
    for (const body of [{}, { emial: 'a@b.example' }, { email: 'nobody' }, [], 'x'.repeat(5_000)]) {
      const { status } = await administer(worker, path, { body });
      assert.ok([400, 413].includes(status), `${JSON.stringify(body)} gives ${status}`);
    }
  }
  assert.equal((await request(worker, '/v1/admin/shops/demo/conversations')).status, 401);
  assert.equal((await request(worker, '/internal', { body: { open: {} } })).status, 404);
  assert.equal((await lines(await administer(worker, '/conversations'))).length, 1);
});
