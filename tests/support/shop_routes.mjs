/** Every operation that names a shop: how somebody asks it for what is somebody's. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { turn } from './api.mjs';
import { claimsOf } from './jwt.mjs';
import { appSecretOf, keyOf, originOf, sha256 } from './three_shops.mjs';

/** @typedef {import('./three_shops.mjs').Person} Person */

/**
 * A request for something of a shop.
 * @typedef {{
 *   path: Record<string, string>,
 *   headers: Record<string, string>,
 *   body?: unknown,
 *   may: boolean,
 *   status?: number,
 *   reads?: 'shop',
 *   spares?: true,
 *   foundNothing?: true,
 *   check?: (reply: any) => void,
 * }} Asked
 *   `path`: what stands for its names; `may`: whether it is the asker's; `status`: of the reply if
 *   it is (200 unless told); `reads`: whose words may then be in it, the asker's own unless told;
 *   `spares`: what is the asker's is not asked for, because it would be gone; `foundNothing`: what
 *   is not there is no error; `check`: of the reply if it is the asker's
 */

/**
 * How `who` asks for what is `of`. That is somebody's, of the shop that is asked, or what never was.
 * `owner`: whose it is.
 * @typedef {(who: Person, of: Person, owner: Person) => Asked} Route
 */

/** Of the shop that is asked. @type {(who: Person, of: Person) => boolean} */
const isOfShop = (who, of) => who.shop === of.shop;

/** Whoever asks can pretend to be on any page. @type {Route} */
const visit = (who, of, owner) => ({
  path: { conversation: of.conversation, message_id: of.message },
  headers: { origin: originOf(of.shop), 'x-aisle-session': who.session, 'x-aisle-customer': who.customer },
  may: who === owner && isOfShop(who, of),
});

/** With a session, for what is any visitor's of the shop. @type {Route} */
const arriving = (who, of, owner) => ({
  path: {},
  headers: {
    origin: originOf(of.shop),
    // What never was is here a session that never was.
    'x-aisle-session': of.session === owner.session ? who.session : of.session,
  },
  may: isOfShop(who, of),
});

/** As a customer. @type {Route} */
const buying = (who, of, owner) => ({
  path: { number: of.order.slice(1) },
  headers: { origin: originOf(of.shop), 'x-aisle-customer': of.session === owner.session ? who.customer : of.customer },
  may: isOfShop(who, of),
});

/** @type {Route} */
const administering = (who, of, owner) => ({
  path: { ticket: of.ticket, conversation: of.conversation, receipt: of.receipt },
  headers: { authorization: `Bearer ${keyOf(who.shop)}` },
  may: isOfShop(who, of) && isOfShop(owner, of),
  reads: 'shop',
});

/** What is the shop's and not somebody's. @type {Route} */
const administeringShop = (who, of, owner) => ({ ...administering(who, of, owner), may: isOfShop(who, of) });

/** What everybody may read. @type {Route} */
const public_ = (who, of) => ({
  path: { file: 'manifest.json', artifact: of.artifact },
  headers: { origin: originOf(of.shop) },
  may: true,
});

let addresses = 0;
/** An address that has not asked before. */
function address() {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

/** All keys under which somebody's data is found. @param {Person} of */
const subject = ({ email, name, visitor, conversation }) =>
  ({ email, customer: `c-${name}`, visitor, conversation });

const SENT = 'a file that no artifact has';

/** By method and pattern, as the description has them. @type {Record<string, Route>} */
export const ROUTES = {
  'GET /artifacts/{shop}/{file}': public_,
  'GET /artifacts/{shop}/{artifact}/{file}': (who, of, owner) =>
    ({ ...public_(who, of, owner), may: isOfShop(owner, of) && of.artifact === owner.artifact }),
  'GET /v1/shops/{shop}/config': public_,
  'POST /v1/shops/{shop}/session': (who, of, owner) => ({
    ...arriving(who, of, owner),
    // The asker's own would be renewed, and no longer valid afterwards.
    headers: { origin: originOf(of.shop), 'x-aisle-session': isOfShop(who, of) ? '' : who.session },
    may: true,
    status: 201,
    check: ({ session }) => assert.notEqual(claimsOf(session).sub, who.visitor),
  }),
  'POST /v1/shops/{shop}/conversations': (who, of, owner) => ({ ...arriving(who, of, owner), status: 201 }),
  'POST /v1/shops/{shop}/conversations/{conversation}/turns': (who, of, owner) =>
    ({ ...visit(who, of, owner), body: turn('what can I send back?') }),
  'GET /v1/shops/{shop}/conversations/{conversation}/turns/{message_id}': visit,
  'POST /v1/shops/{shop}/conversations/{conversation}/turns/{message_id}/stop': visit,
  'GET /v1/shops/{shop}/conversations/{conversation}/messages': visit,
  'DELETE /v1/shops/{shop}/conversations/{conversation}': (who, of, owner) =>
    ({ ...visit(who, of, owner), spares: true }),
  'DELETE /v1/shops/{shop}/visitor': (who, of, owner) => ({ ...arriving(who, of, owner), spares: true }),
  'POST /v1/shops/{shop}/orders/lookup': (who, of, owner) => ({
    path: {},
    headers: { origin: originOf(of.shop), 'x-test-address': address() },
    body: { number: of.order, email: who.email },
    may: who === owner && isOfShop(who, of),
  }),
  'GET /v1/shops/{shop}/customer/orders': buying,
  'GET /v1/shops/{shop}/customer/orders/{number}': (who, of, owner) => ({
    ...buying(who, of, owner),
    headers: { origin: originOf(of.shop), 'x-aisle-customer': who.customer },
    may: who === owner && isOfShop(who, of),
  }),
  'GET /v1/shops/{shop}/customer/history': buying,
  'PUT /v1/admin/shops/{shop}/orders': (who, of, owner) => ({
    ...administeringShop(who, of, owner),
    body: JSON.stringify({
      number: 'N-1', email: 'new@shop.example', state: 'paid', placed_at_ms: 1_772_000_000_000,
      currency: 'GBP', lines: [{ sku: 'M1', title: 'Mug', quantity: 1, price_minor: 1 }], total_minor: 1,
    }),
  }),
  'GET /v1/admin/shops/{shop}/settings': administeringShop,
  // Without the version that it takes the place of: who may is told so, and nothing is changed.
  'PUT /v1/admin/shops/{shop}/settings': (who, of, owner) =>
    ({ ...administeringShop(who, of, owner), body: { persona: 'somebody else' }, status: 428 }),
  'GET /v1/admin/shops/{shop}/spend': administeringShop,
  'GET /v1/admin/shops/{shop}/tickets': administeringShop,
  'DELETE /v1/admin/shops/{shop}/tickets/{ticket}': (who, of, owner) =>
    ({ ...administering(who, of, owner), spares: true }),
  'GET /v1/admin/shops/{shop}/conversations/{conversation}/usage': administering,
  'GET /v1/admin/shops/{shop}/conversations': administeringShop,
  'GET /v1/admin/shops/{shop}/artifacts': administeringShop,
  'POST /v1/admin/shops/{shop}/artifacts': (who, of, owner) =>
    ({ ...administering(who, of, owner), body: { files: of.files } }),
  'PUT /v1/admin/shops/{shop}/artifacts/current': (who, of, owner) =>
    ({ ...administering(who, of, owner), body: { id: of.artifact } }),
  'PUT /v1/admin/shops/{shop}/artifacts/files/{sha256}': (who, of, owner) =>
    ({ ...administeringShop(who, of, owner), path: { sha256: sha256(SENT) }, body: SENT }),
  'POST /v1/webhooks/{shop}/shopify': (who, of) => {
    const body = JSON.stringify({ shop_id: 1, shop_domain: `${of.shop}.myshopify.com`, customer: { id: 1 } });
    return {
      path: {},
      headers: {
        'x-shopify-topic': 'customers/data_request',
        'x-shopify-webhook-id': `notice-of-${who.name}`,
        'x-shopify-hmac-sha256': createHmac('sha256', appSecretOf(who.shop)).update(body).digest('base64'),
      },
      body,
      may: isOfShop(who, of),
    };
  },
  'POST /v1/admin/shops/{shop}/privacy/export': (who, of, owner) =>
    ({ ...administering(who, of, owner), body: subject(of), foundNothing: true }),
  'POST /v1/admin/shops/{shop}/privacy/delete': (who, of, owner) =>
    ({ ...administering(who, of, owner), body: subject(of), foundNothing: true, spares: true }),
  'GET /v1/admin/shops/{shop}/privacy/requests': administeringShop,
  'GET /v1/admin/shops/{shop}/privacy/requests/{receipt}': administering,
};
