/**
 * Three shops, every route, foreign ids: nobody ever reads a byte of somebody else's, and what is
 * somebody else's is answered as what does not exist.
 *
 * A model knows what belongs to whom. Requests are drawn from a seeded generator; a failure names
 * the seed (`AISLE_SEED` runs it again) and the requests so far.
 */

import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { turn } from '../support/api.mjs';
import { described } from '../support/description.mjs';
import { jwt } from '../support/jwt.mjs';
import { dist } from '../support/paths.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { startWorker } from '../support/worker.mjs';

const SEED = Number(process.env.AISLE_SEED ?? randomInt(2 ** 31));
const STEPS = Number(process.env.AISLE_STEPS ?? 250);
const SHOPS = ['ash', 'birch', 'cedar'];
const VISITORS = 2;
const SIGNING = 'a secret of the shop’s own server, of ';

const sha256 = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex');

/** mulberry32: small, and the same everywhere. @param {number} seed */
function generator(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/**
 * Somebody of a shop, with all that is theirs.
 * @typedef {{shop: string, name: string, word: string, session: string, customer: string,
 *   conversation: string, message: string, order: string, email: string}} Person
 */

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** @type {Person[]} */
const people = [];

const origin = (/** @type {string} */ shop) => `https://${shop}.example`;
const key = (/** @type {string} */ shop) => `the key of ${shop}`;

/**
 * @param {string} method
 * @param {string} path
 * @param {{headers?: Record<string, string>, body?: unknown}} [options]
 */
const ask = (method, path, { headers = {}, body } = {}) =>
  fetch(worker.origin + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });

before(async () => {
  const artifacts = temporaryFolder();
  for (const shop of SHOPS) cpSync(join(dist, 'artifacts/demo'), join(artifacts, shop), { recursive: true });
  const of = (/** @type {(shop: string) => unknown} */ value) =>
    JSON.stringify(Object.fromEntries(SHOPS.map((shop) => [shop, value(shop)])));
  worker = await startWorker({
    artifacts,
    env: {
      AISLE_SHOPS: of((shop) => ({
        name: `The ${shop} shop`,
        origins: [origin(shop)],
        limits: { turns_per_minute: 10_000, conversations_per_hour: 10_000, sessions_per_hour: 10_000 },
      })),
      AISLE_SESSION_SECRET: 'a secret of the tests, long enough',
      AISLE_ORDER_SECRET: 'another secret of the tests, long',
      AISLE_IDENTITY_SECRETS: of((shop) => SIGNING + shop),
      AISLE_ADMIN_KEYS: of((shop) => ({ sha256: sha256(key(shop)), shops: [shop] })),
      AISLE_ADDRESS_HEADER: 'x-test-address',
    },
  });
  for (const shop of SHOPS) {
    for (let at = 0; at < VISITORS; at += 1) people.push(await arrive(shop, at));
  }
});
after(() => worker?.kill());

/** @param {string} shop @param {number} at @returns {Promise<Person>} */
async function arrive(shop, at) {
  const name = `${shop}${at}`;
  // No reply to anyone else may hold it.
  const word = `word${sha256(`${SEED}${name}`).slice(0, 12)}`;
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: `c-${name}`, aud: shop, exp: now + 3600 };
  const customer = jwt(claims, SIGNING + shop, { alg: 'HS256' });
  const headers = { origin: origin(shop) };
  const granted = await ask('POST', `/v1/shops/${shop}/session`, { headers });
  const { session } = await described('POST', granted);
  const own = { ...headers, 'x-aisle-session': session };
  const { conversation } = await described('POST', await ask('POST', `/v1/shops/${shop}/conversations`, { headers: own }));
  const said = turn(`do you ship to Norway? ${word}`);
  const answered = await ask('POST', `/v1/shops/${shop}/conversations/${conversation}/turns`, { headers: own, body: said });
  assert.match(await answered.text(), /"type":"done"/);
  const [order, email] = [`#${1000 + people.length}`, `${name}@shop.example`];
  const loaded = await ask('PUT', `/v1/admin/shops/${shop}/orders`, {
    headers: { authorization: `Bearer ${key(shop)}` },
    body: JSON.stringify({
      number: order,
      email,
      customer: `c-${name}`,
      state: 'paid',
      placed_at_ms: Date.now() - 86_400_000,
      currency: 'GBP',
      lines: [{ sku: word, title: word, quantity: 1, price_minor: 425 }],
      total_minor: 425,
    }),
  });
  assert.equal((await described('PUT', loaded)).stored, 1);
  return { shop, name, word, session, customer, conversation, message: said.message_id, order, email };
}

/** What a reply says, without what differs between any two. @param {string} method @param {Response} response */
async function seen(method, response) {
  const { status } = response;
  const type = response.headers.get('content-type');
  const body = await described(method, response);
  return { status, type, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/**
 * The routes that name something of somebody: how `who` asks for what is `whose`, and how for
 * what does not exist.
 * @type {Record<string, (who: Person, whose: Person) =>
 *   {method: string, path: (target: Person) => string, body?: (target: Person) => unknown,
 *    headers: Record<string, string>, may: boolean}>}
 */
const ROUTES = {
  history: (who, whose) => ({ ...visit(who, whose), method: 'GET', path: (of) => `/v1/shops/${of.shop}/conversations/${of.conversation}/messages` }),
  turn: (who, whose) => ({
    ...visit(who, whose),
    method: 'POST',
    path: (of) => `/v1/shops/${of.shop}/conversations/${of.conversation}/turns`,
    body: () => turn('what can I send back?'),
  }),
  resume: (who, whose) => ({ ...visit(who, whose), method: 'GET', path: (of) => `/v1/shops/${of.shop}/conversations/${of.conversation}/turns/${of.message}` }),
  stop: (who, whose) => ({ ...visit(who, whose), method: 'POST', path: (of) => `/v1/shops/${of.shop}/conversations/${of.conversation}/turns/${of.message}/stop` }),
  deletion: (who, whose) => ({ ...visit(who, whose), method: 'DELETE', path: (of) => `/v1/shops/${of.shop}/conversations/${of.conversation}` }),
  order: (who, whose) => ({
    headers: { origin: origin(who.shop), 'x-test-address': address() },
    method: 'POST',
    path: () => `/v1/shops/${who.shop}/orders/lookup`,
    body: (of) => ({ number: of.order, email: who.email }),
    may: who === whose,
  }),
  purchases: (who, whose) => ({
    headers: { origin: origin(whose.shop), 'x-aisle-customer': who.customer },
    method: 'GET',
    path: (of) => `/v1/shops/${of.shop}/customer/history`,
    may: who.shop === whose.shop,
  }),
  settings: (who, whose) => ({ ...administer(who, whose), method: 'GET', path: (of) => `/v1/admin/shops/${of.shop}/settings` }),
  spend: (who, whose) => ({ ...administer(who, whose), method: 'GET', path: (of) => `/v1/admin/shops/${of.shop}/spend` }),
  artifacts: (who, whose) => ({ ...administer(who, whose), method: 'GET', path: (of) => `/v1/admin/shops/${of.shop}/artifacts` }),
  publish: (who, whose) => ({
    ...administer(who, whose),
    method: 'PUT',
    path: (of) => `/v1/admin/shops/${of.shop}/artifacts/current`,
    body: () => ({ id: null }),
  }),
};

/** Whoever asks can pretend to be on any page. @param {Person} who @param {Person} whose */
const visit = (who, whose) => ({
  headers: { origin: origin(whose.shop), 'x-aisle-session': who.session, 'x-aisle-customer': who.customer },
  may: who === whose,
});

/** @param {Person} who @param {Person} whose */
const administer = (who, whose) => ({
  headers: { authorization: `Bearer ${key(who.shop)}` },
  may: who.shop === whose.shop,
});

/** @type {Map<string, number>} */
const tried = new Map();
/** How often a number was looked up, this time counted. @param {string} number */
function tries(number) {
  tried.set(number, (tried.get(number) ?? 0) + 1);
  return tried.get(number) ?? 0;
}

let addresses = 0;
/** An address that has not asked before. */
function address() {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

test(`nobody reads a byte of anybody else's (seed ${SEED})`, async () => {
  const random = generator(SEED);
  const draw = (/** @type {any[]} */ from) => from[random(from.length)];
  const names = Object.keys(ROUTES);
  let [refused, served] = [0, 0];
  for (let step = 0; step < STEPS; step += 1) {
    const name = step < 4 * names.length ? names[step % names.length] : draw(names);
    const [who, whose] = [draw(people), draw(people)];
    // A number may be looked up a few times a minute, whoever asks.
    if (name === 'order' && tries(whose.order) > 4) continue;
    // What is deleted cannot be asked for again.
    if (name === 'deletion' && who === whose) continue;
    const { method, path, body, headers, may } = ROUTES[name](who, whose);
    const told = `step ${step}: ${who.name} asks for ${name} of ${whose.name}`;
    const found = await seen(method, await ask(method, path(whose), { headers, body: body?.(whose) }));
    for (const other of people.filter((one) => one !== who)) {
      assert.ok(!found.body.includes(other.word), `${told} and reads ${other.word}: ${found.body}`);
    }
    if (may) {
      assert.equal(found.status, 200, `${told}: ${found.body}`);
      served += 1;
      continue;
    }
    // The same of what never was, in the same shop where that can be told apart.
    const absent = {
      ...whose,
      shop: headers.authorization ? 'nowhere' : whose.shop,
      conversation: '00000000-0000-4000-8000-000000000000',
      message: 'message-that-never-was',
      order: `#9${step}`,
    };
    const nothing = await seen(method, await ask(method, path(absent), { headers, body: body?.(absent) }));
    assert.deepEqual(found, nothing, told);
    assert.ok(found.status >= 400 && found.status < 500, told);
    refused += 1;
  }
  assert.ok(refused > STEPS / 4 && served > STEPS / 20, `${refused} refused, ${served} served`);
  for (const one of people) {
    const own = await ask('GET', `/v1/shops/${one.shop}/conversations/${one.conversation}/messages`, {
      headers: {
        origin: origin(one.shop),
        'x-aisle-session': one.session,
        'x-aisle-customer': one.customer,
      },
    });
    const { messages } = await described('GET', own);
    assert.ok(messages[0].text.includes(one.word));
  }
});
