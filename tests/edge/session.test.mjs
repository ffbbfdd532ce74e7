/** Sessions of visitors: what a token opens, and what nothing else does. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { conversationPath, request, shopPath, turn } from '../support/api.mjs';
import { claimsOf, encoded, jwt } from '../support/jwt.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

const SECRET = 'a secret of the tests, long enough';
const ELSEWHERE = 'https://other.example';
/** What the worker signs sessions with: made of its secret, for nothing else. */
const KEY = createHmac('sha256', SECRET).update('aisle session 1').digest();

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  const shop = (/** @type {string[]} */ origins) => ({ name: 'A shop', origins });
  worker = await startWorker({
    env: {
      AISLE_SESSION_SECRET: SECRET,
      AISLE_ADDRESS_HEADER: 'x-test-address',
      AISLE_SHOPS: JSON.stringify({
        demo: { ...shop([ORIGIN, ELSEWHERE]), limits: { turns_per_minute: 5, sessions_per_hour: 40 } },
        other: shop([ORIGIN]),
        small: { ...shop([ORIGIN]), limits: { sessions_per_hour: 3 } },
      }),
    },
  });
});
after(() => worker?.kill());

/** @param {{shop?: string, origin?: string, former?: string, address?: string}} [of] */
async function session({ shop = 'demo', origin = ORIGIN, former, address = '198.51.100.1' } = {}) {
  const headers = { origin, 'x-test-address': address, ...(former && { 'x-aisle-session': former }) };
  const response = await request(worker, shopPath('/session', shop), { method: 'POST', headers });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()).session;
}

/** @param {string | undefined} token @returns {Record<string, string>} */
const as = (token) => (token === undefined ? {} : { 'x-aisle-session': token });

/** Opens a conversation. @param {string} token */
async function open(token, shop = 'demo') {
  const response = await request(worker, shopPath('/conversations', shop), {
    method: 'POST',
    headers: as(token),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()).conversation;
}

/** @param {string} conversation @param {Record<string, string>} headers */
const read = (conversation, headers) =>
  request(worker, conversationPath(conversation, '/messages'), { headers });

/** Everything of a reply that can be told apart. @param {Response} response */
async function seen(response) {
  const { 'content-type': type, 'cache-control': caching, ...more } = Object.fromEntries(
    [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
  );
  return { status: response.status, type, caching, more, body: await response.text() };
}

test('a visitor opens, writes and reads with a session', async () => {
  const token = await session();
  const conversation = await open(token);
  const answered = await request(worker, conversationPath(conversation, '/turns'), {
    body: turn('do you ship to Norway?'),
    headers: as(token),
  });
  assert.equal(answered.status, 200);
  assert.match(await answered.text(), /"type":"done"/);
  const { last_seq: last } = await (await read(conversation, as(token))).json();
  assert.equal(last, 2);
});

test('what is no valid session has one answer, whatever is wrong with it', async () => {
  const token = await session();
  const conversation = await open(token);
  const [header, claims] = token.split('.');
  const told = claimsOf(token);
  const signed = (/** @type {object} */ changes, /** @type {string | Buffer} */ key = SECRET, alg = 'HS256') =>
    jwt({ ...told, ...changes }, key, { alg });
  const bad = {
    'no token': undefined,
    nonsense: 'x',
    forged: signed({}, 'another secret, long enough'),
    'signed with the secret itself': signed({}),
    'alg none': `${encoded({ alg: 'none' })}.${claims}.`,
    'alg RS256': signed({}, SECRET, 'RS256'),
    'alg RS256 with the key': signed({}, KEY, 'RS256'),
    expired: signed({ exp: Math.floor(Date.now() / 1000) }, KEY),
    'without an end': signed({ exp: undefined }, KEY),
    'with more than is known': signed({ admin: true }, KEY),
    'other claims': `${header}.${encoded({ ...told, sub: 'x' })}.${token.split('.')[2]}`,
    truncated: token.slice(0, -4),
    'of another shop': await session({ shop: 'other' }),
    'of another origin': await session({ origin: ELSEWHERE }),
  };
  const answers = new Set();
  for (const [name, one] of Object.entries(bad)) {
    for (const response of [
      await read(conversation, as(one)),
      await request(worker, shopPath('/conversations'), { method: 'POST', headers: as(one) }),
      await request(worker, conversationPath(conversation, '/turns'), { body: turn('x'), headers: as(one) }),
    ]) {
      const reply = await seen(response);
      assert.equal(reply.status, 401, `${name}: ${reply.body}`);
      assert.equal(JSON.parse(reply.body).error.code, 'session_required', name);
      answers.add(JSON.stringify(reply));
    }
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
});

test('another visitor’s conversation is as unknown as one that never was', async () => {
  const [mine, theirs] = [await session(), await session()];
  const conversation = await open(theirs);
  const absent = '0'.repeat(conversation.length);
  const write = (/** @type {string} */ id) =>
    request(worker, conversationPath(id, '/turns'), { body: turn('x'), headers: as(mine) });
  assert.deepEqual(await seen(await read(conversation, as(mine))), await seen(await read(absent, as(mine))));
  assert.deepEqual(await seen(await write(conversation)), await seen(await write(absent)));
  // Who asks is what the session says, never a header.
  const posing = { ...as(mine), 'x-aisle-visitor': claimsOf(theirs).sub };
  assert.equal((await read(conversation, posing)).status, 404);
  const { last_seq: last } = await (await read(conversation, as(theirs))).json();
  assert.equal(last, 0);
});

test('a visitor who renews stays the same, over a kill as well, and elsewhere does not', async () => {
  const first = await session();
  const conversation = await open(first);
  const second = await session({ former: first });
  assert.notEqual(second, first);
  assert.equal((await read(conversation, as(second))).status, 200);
  await worker.kill();
  await worker.start();
  const third = await session({ former: second });
  assert.equal((await read(conversation, as(third))).status, 200);
  // Renewed twice since: whoever copied it can neither use nor renew it.
  assert.equal((await read(conversation, as(first))).status, 401);
  const copied = await session({ former: first });
  assert.equal((await read(conversation, as(copied))).status, 404);
  const elsewhere = await session({ former: third, origin: ELSEWHERE });
  const asked = await read(conversation, { ...as(elsewhere), origin: ELSEWHERE });
  assert.equal(asked.status, 404);
});

test('a token that has expired is renewed for a month, and then no longer', async () => {
  const token = await session();
  const told = claimsOf(token);
  const ago = (/** @type {number} */ seconds) => jwt({ ...told, exp: Math.floor(Date.now() / 1000) - seconds }, KEY);
  // With the key anything can be said, so that what is refused is refused for its time.
  const conversation = await open(token);
  assert.equal((await read(conversation, as(jwt(told, KEY)))).status, 200);
  assert.equal((await read(conversation, as(ago(1)))).status, 401);
  const month = 30 * 24 * 3_600;
  const late = await session({ former: ago(month + 60) });
  assert.notEqual(claimsOf(late).sub, told.sub);
  assert.equal((await read(conversation, as(late))).status, 404);
  const next = await session({ former: ago(month - 60) });
  assert.equal(claimsOf(next).sub, told.sub);
  assert.equal((await read(conversation, as(next))).status, 200);
});

test('a visitor who writes too fast is told to wait, and another is not', async () => {
  const [fast, slow] = [await session(), await session({ address: '198.51.100.2' })];
  const conversation = await open(fast);
  const statuses = [];
  for (let at = 0; at < 6; at += 1) {
    const response = await request(worker, conversationPath(conversation, '/turns'), {
      body: turn(`message ${at}`),
      headers: as(fast),
    });
    const text = await response.text();
    statuses.push(response.status);
    if (response.status !== 429) continue;
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(JSON.parse(text).error.code, 'rate_limited');
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
  const other = await request(worker, conversationPath(await open(slow), '/turns'), {
    body: turn('hello'),
    headers: as(slow),
  });
  assert.equal(other.status, 200);
  await other.text();
});

test('an address gets so many sessions and no more, however it is spelt', async () => {
  const ask = (/** @type {string} */ address) =>
    request(worker, shopPath('/session', 'small'), { method: 'POST', headers: { 'x-test-address': address } });
  const statuses = [];
  for (const address of ['2001:db8::1', '2001:db8::2', '2001:DB8:0::3', '2001:db8:0:0:9::9', '2001:db8:0:1::1']) {
    statuses.push((await ask(address)).status);
  }
  assert.deepEqual(statuses, [201, 201, 201, 429, 201]);
});

test('the health says what is protected', async () => {
  const health = await (await fetch(`${worker.origin}/healthz`)).json();
  assert.deepEqual(health.unprotected, []);
  const open = await startWorker();
  const told = await (await fetch(`${open.origin}/healthz`)).json();
  assert.deepEqual(told.unprotected, ['sessions', 'addresses']);
  await open.kill();
});
