/**
 * Three shops, every route, foreign ids: nobody ever reads a byte of somebody else's, and what is
 * somebody else's is answered as what does not exist.
 *
 * A model knows what belongs to whom. Requests are drawn from a seeded generator; a failure names
 * the seed (`AISLE_SEED` runs it again) and the request.
 */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';

import { described, description } from '../support/description.mjs';
import { ROUTES } from '../support/shop_routes.mjs';
import { absent, openThreeShops, originOf } from '../support/three_shops.mjs';

/** @typedef {import('../support/three_shops.mjs').Person} Person */

const SEED = Number(process.env.AISLE_SEED ?? randomInt(2 ** 31));
/** Requests that are drawn after those that every route gets. */
const STEPS = Number(process.env.AISLE_STEPS ?? 100);

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

/** @type {import('../support/three_shops.mjs').World} */
let world;
before(async () => {
  world = await openThreeShops(SEED);
});
after(() => world?.stop());

/** Whose it may be, and at whose shop it is asked for. @type {Record<string, (who: Person, whose: Person) => boolean>} */
const RELATIONS = {
  'own': (who, whose) => who === whose,
  'of another visitor': (who, whose) => who !== whose && who.shop === whose.shop,
  'of another shop': (who, whose) => who.shop !== whose.shop,
  'of another shop, asked for at the own': (who, whose) => who.shop !== whose.shop,
};

/** What a reply says, without what differs between any two. @param {string} method @param {Response} response */
async function seen(method, response) {
  const { status } = response;
  const type = response.headers.get('content-type');
  const body = await described(method, response);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, type, text: text.replaceAll(/"receipt":"[^"]*"|"\w+_ms":\d+|\b[0-9a-f]{64}\b/g, '""'), body };
}

/** @type {Map<string, number>} */
const tried = new Map();
/** How often a number was looked up, this time counted. @param {string} number */
function tries(number) {
  tried.set(number, (tried.get(number) ?? 0) + 1);
  return tried.get(number) ?? 0;
}

test('every operation that names a shop is tried', () => {
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.keys(item).filter((key) => key !== 'parameters').map((method) => `${method.toUpperCase()} ${path}`));
  const ofShops = operations.filter((operation) => operation.includes('{shop}'));
  assert.deepEqual(Object.keys(ROUTES).sort(), ofShops.sort());
});

test(`nobody reads a byte of anybody else's (seed ${SEED})`, async (t) => {
  const random = generator(SEED);
  const draw = (/** @type {any[]} */ from) => from[random(from.length)];
  const relations = Object.keys(RELATIONS);
  const each = Object.keys(ROUTES).flatMap((name) => relations.map((relation) => [name, relation]));
  const drawn = Array.from({ length: STEPS }, () => [draw(Object.keys(ROUTES)), draw(relations)]);
  let [refused, served] = [0, 0];
  for (const [step, [name, relation]] of [...each, ...drawn].entries()) {
    const who = draw(world.people);
    const whose = draw(world.people.filter((one) => RELATIONS[relation](who, one)));
    // A number may be looked up a few times a minute, whoever asks.
    if (name.endsWith('/orders/lookup') && tries(whose.order) > 4) continue;
    const [method, pattern] = name.split(' ');
    const shop = relation.endsWith('the own') ? who.shop : whose.shop;
    const told = `step ${step}: ${who.name} asks ${shop} to ${name} of ${whose.name}`;
    const ask = async (/** @type {Person} */ of) => {
      const asked = ROUTES[name](who, of, whose);
      const fill = (/** @type {string} */ _, /** @type {string} */ key) =>
        encodeURIComponent(key === 'shop' ? of.shop : asked.path[key]);
      const path = pattern.replaceAll(/\{(\w+)\}/g, fill);
      return seen(method, await world.ask(method, path, asked));
    };
    const of = { ...whose, shop };
    const { may, spares, foundNothing, status = 200, reads, check } = ROUTES[name](who, of, whose);
    if (may && spares) continue;
    const found = await ask(of);
    const mayRead = (/** @type {Person} */ one) =>
      one === who || (may && reads === 'shop' && one.shop === who.shop);
    for (const other of world.people.filter((one) => !mayRead(one))) {
      assert.ok(!found.text.includes(other.word), `${told} and reads ${other.word}: ${found.text}`);
    }
    if (may) {
      assert.equal(found.status, status, `${told}: ${found.text}`);
      check?.(found.body);
      served += 1;
      continue;
    }
    // The same of what never was: in the same shop, or of a shop that never was to whom the shop is
    // closed.
    const isClosed = shop !== who.shop && !pattern.startsWith('/v1/shops/');
    const nothing = await ask({ ...absent(whose, step), shop: isClosed ? 'nowhere' : shop });
    assert.deepEqual([found.status, found.type, found.text], [nothing.status, nothing.type, nothing.text], told);
    const isError = found.status >= 400 && found.status < 500;
    assert.ok(isError || foundNothing, `${told}: ${found.text}`);
    refused += 1;
  }
  t.diagnostic(`${served} served, ${refused} refused`);
  assert.ok(refused > each.length / 3 && served > each.length / 4, `${refused} refused, ${served} served`);
});

test('what was asked of others is still there', async () => {
  for (const one of world.people) {
    const headers = {
      origin: originOf(one.shop),
      'x-aisle-session': one.session,
      'x-aisle-customer': one.customer,
    };
    const of = (/** @type {string} */ rest) => `/v1/shops/${one.shop}${rest}`;
    const messages = await world.ask('GET', of(`/conversations/${one.conversation}/messages`), { headers });
    assert.ok((await described('GET', messages)).messages[0].text.includes(one.word));
    const order = await world.ask('GET', of(`/customer/orders/${one.order.slice(1)}`), { headers });
    assert.equal(order.status, 200);
    assert.match(await order.text(), new RegExp(one.word));
  }
});
