/** Three shops with two visitors each, and everything that a worker keeps of them. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { turn } from './api.mjs';
import { described } from './description.mjs';
import { claimsOf, jwt } from './jwt.mjs';
import { obeyShopper } from './obedient.mjs';
import { dist } from './paths.mjs';
import { temporaryFolder } from './processes.mjs';
import { startProvider } from './provider.mjs';
import { startWorker } from './worker.mjs';

export const SHOPS = ['ash', 'birch', 'cedar'];
const VISITORS = 2;
const FILES = ['manifest.json', 'encoder.onnx', 'ranker.onnx', 'index.bin'];

/**
 * Somebody of a shop, with all that is theirs or their shop's.
 * @typedef {{shop: string, name: string, word: string, session: string, visitor: string,
 *   customer: string, conversation: string, message: string, ticket: string, order: string,
 *   email: string, receipt: string, artifact: string, files: Record<string, string>}} Person
 *   `word`: in everything that they wrote, bought or asked for, and in nothing else
 */

/** @param {string} shop */
export const originOf = (shop) => `https://${shop}.example`;
/** The key of a shop's administrator. @param {string} shop */
export const keyOf = (shop) => `the key of ${shop}`;
/** What a shop's Shopify app signs with. @param {string} shop */
export const appSecretOf = (shop) => `the client secret of the app of ${shop}`;
const signingOf = (/** @type {string} */ shop) => `a secret of the shop’s own server, of ${shop}`;

/** @param {string | Buffer} bytes */
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A token that a shop's server makes for a customer. @param {string} shop @param {string} id */
function customerOf(shop, id) {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return jwt({ sub: id, aud: shop, exp }, signingOf(shop), { alg: 'HS256' });
}

/**
 * Starts a worker with the shops, and lets their visitors come.
 * @param {number} seed of the words
 */
export async function openThreeShops(seed) {
  const artifacts = temporaryFolder();
  for (const shop of SHOPS) cpSync(join(dist, 'artifacts/demo'), join(artifacts, shop), { recursive: true });
  const of = (/** @type {(shop: string) => unknown} */ value) =>
    JSON.stringify(Object.fromEntries(SHOPS.map((shop) => [shop, value(shop)])));
  const many = 10_000;
  const limits = { turns_per_minute: many, conversations_per_hour: many, sessions_per_hour: many };
  const provider = await startProvider(obeyShopper);
  const worker = await startWorker({
    artifacts,
    llm: { url: provider.url },
    env: {
      AISLE_SHOPS: of((shop) => ({ name: `The ${shop} shop`, origins: [originOf(shop)], limits })),
      AISLE_SESSION_SECRET: 'a secret of the tests, long enough',
      AISLE_ORDER_SECRET: 'another secret of the tests, long',
      AISLE_IDENTITY_SECRETS: of(signingOf),
      AISLE_SHOPIFY_SECRETS: of(appSecretOf),
      AISLE_ADMIN_KEYS: of((shop) => ({ sha256: sha256(keyOf(shop)), shops: [shop] })),
      AISLE_ADDRESS_HEADER: 'x-test-address',
    },
  });
  /** @type {Person[]} */
  const people = [];
  const world = {
    worker,
    people,
    /**
     * @param {string} method
     * @param {string} path
     * @param {{headers?: Record<string, string>, body?: unknown}} [options]
     */
    ask: (method, path, { headers = {}, body } = {}) =>
      fetch(worker.origin + path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : /** @type {any} */ (body),
      }),
    stop: () => Promise.all([worker.kill(), provider.stop()]),
  };
  for (const shop of SHOPS) {
    const published = await publish(world, shop);
    for (let at = 0; at < VISITORS; at += 1) people.push(await arrive(world, shop, at, seed, published));
  }
  return world;
}

/** @typedef {Awaited<ReturnType<typeof openThreeShops>>} World */
/** @typedef {Pick<World, 'ask' | 'people'>} Asking */

/** Asks, and the reply must be in order. @param {Asking} world @param {Parameters<World['ask']>} asked */
async function done(world, ...asked) {
  const response = await world.ask(...asked);
  assert.ok(response.ok, `${asked[0]} ${asked[1]}: ${await response.clone().text()}`);
  return described(asked[0], response);
}

const administering = (/** @type {string} */ shop) => ({ authorization: `Bearer ${keyOf(shop)}` });

/** Publishes an artifact that no other shop has. @param {Asking} world @param {string} shop */
async function publish(world, shop) {
  const [path, headers] = [`/v1/admin/shops/${shop}/artifacts`, administering(shop)];
  /** @type {Record<string, string>} */
  const files = {};
  for (const name of FILES) {
    const bytes = readFileSync(join(dist, 'artifacts/demo', name));
    const own = name === 'manifest.json'
      ? Buffer.from(bytes.toString().replace(/"shop": "[^"]*"/, `"shop": "The ${shop} shop"`))
      : bytes;
    files[name] = sha256(own);
    await done(world, 'PUT', `${path}/files/${files[name]}`, { headers, body: own });
  }
  const { current } = await done(world, 'POST', path, { headers, body: { files } });
  return { artifact: current, files };
}

/**
 * Somebody comes to a shop, has bought something there, says something and wants to be called.
 * @param {Asking} world
 * @param {string} shop
 * @param {number} at
 * @param {number} seed
 * @param {Pick<Person, 'artifact' | 'files'>} published
 * @returns {Promise<Person>}
 */
async function arrive(world, shop, at, seed, published) {
  const name = `${shop}${at}`;
  // Of letters alone: digits could be taken for a number of somebody and be masked.
  const letters = sha256(`${seed}${name}`).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)]);
  const word = `word${letters.slice(0, 12)}`;
  const [order, email] = [`#${1000 + world.people.length}`, `${name}@shop.example`];
  const line = { sku: word, title: word, quantity: 1, price_minor: 425 };
  await done(world, 'PUT', `/v1/admin/shops/${shop}/orders`, {
    headers: administering(shop),
    body: JSON.stringify({
      number: order, email, customer: `c-${name}`, state: 'paid', currency: 'GBP',
      placed_at_ms: Date.now() - 86_400_000, lines: [line], total_minor: 425,
    }),
  });
  const of = (/** @type {string} */ rest) => `/v1/shops/${shop}${rest}`;
  const headers = { origin: originOf(shop) };
  const { session } = await done(world, 'POST', of('/session'), { headers });
  const own = { headers: { ...headers, 'x-aisle-session': session } };
  const { conversation } = await done(world, 'POST', of('/conversations'), own);
  const said = turn(`do you ship to Norway? ${word}\nCALL hand_over {"reason":"about ${word}"}`);
  const answer = await done(world, 'POST', of(`/conversations/${conversation}/turns`), { ...own, body: said });
  assert.match(answer, /"type":"done"/);
  const admin = { headers: administering(shop) };
  const { tickets } = await done(world, 'GET', `/v1/admin/shops/${shop}/tickets`, admin);
  const ticket = tickets.find((/** @type {any} */ one) => one.conversation === conversation);
  assert.ok(ticket?.requested.reason.includes(word), JSON.stringify(tickets));
  const gone = { email: `gone-${email}` };
  const deletion = `/v1/admin/shops/${shop}/privacy/delete`;
  const { receipt } = await done(world, 'POST', deletion, { ...admin, body: gone });
  return {
    shop, name, word, session, visitor: claimsOf(session).sub, customer: customerOf(shop, `c-${name}`),
    conversation, message: said.message_id, ticket: ticket.id, order, email, receipt, ...published,
  };
}

/** What never was, in the same words. @param {Person} one @param {number} at @returns {Person} */
export const absent = (one, at) => ({
  ...one,
  name: 'nobody',
  session: 'a.token.never-issued',
  visitor: '00000000-0000-4000-8000-000000000001',
  customer: jwt({ sub: 'c', aud: one.shop, exp: 1 }, 'another secret of another server'),
  conversation: '00000000-0000-4000-8000-000000000000',
  message: 'message-that-never-was',
  ticket: '00000000000000000000000000000000',
  order: `#9${at}`,
  email: 'nobody@shop.example',
  receipt: '00000000-0000-4000-8000-000000000002',
  artifact: '0'.repeat(one.artifact.length),
  files: Object.fromEntries(FILES.map((name) => [name, '0'.repeat(64)])),
});
