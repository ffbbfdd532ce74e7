/** Work that a shop asks new visitors for: done once for each, for one shop and one page. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { request, shopPath } from '../support/api.mjs';
import { described } from '../support/description.mjs';
import { claimsOf, encoded } from '../support/jwt.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

const ELSEWHERE = 'https://other.example';
const BITS = 10;

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  const shop = { name: 'A shop', origins: [ORIGIN, ELSEWHERE], proof_of_work_bits: BITS };
  worker = await startWorker({
    env: {
      AISLE_SESSION_SECRET: 'a secret of the tests, long enough',
      AISLE_SHOPS: JSON.stringify({
        demo: shop,
        other: shop,
        hard: { ...shop, proof_of_work_bits: 22 },
        open: { ...shop, proof_of_work_bits: 0 },
      }),
    },
  });
});
after(() => worker?.kill());

/**
 * Asks for a token.
 * @param {{shop?: string, origin?: string, proof?: unknown, former?: string}} [of]
 */
const ask = ({ shop = 'demo', origin = ORIGIN, proof, former } = {}) =>
  request(worker, shopPath('/session', shop), {
    method: 'POST',
    body: proof,
    headers: { origin, ...(former && { 'x-aisle-session': former }) },
  });

/** The challenge that a new visitor gets. @param {Parameters<typeof ask>[0]} [of] */
async function challenge(of) {
  const response = await ask(of);
  assert.equal(response.status, 401);
  const { error, challenge } = await described('POST', response);
  assert.equal(error.code, 'proof_required');
  return challenge;
}

/** Leading zero bits. @param {string} text */
const zeros = (text) => {
  const bits = BigInt(`0x1${createHash('sha256').update(text).digest('hex')}`).toString(2).slice(1);
  return bits.indexOf('1');
};

/** Does the work, or leaves it undone. @param {{challenge: string, bits: number}} of */
function work({ challenge, bits }, isDone = true) {
  let nonce = 0;
  while (zeros(`${challenge}.${nonce}`) >= bits !== isDone) nonce += 1;
  return { challenge, nonce };
}

test('a new visitor does the work and has a token, which renews without any', async () => {
  const asked = await challenge();
  assert.equal(asked.bits, BITS);
  const granted = await ask({ proof: work(asked) });
  assert.equal(granted.status, 201);
  const { session } = await described('POST', granted);
  const renewed = await ask({ former: session });
  assert.equal(renewed.status, 201);
  assert.equal((await ask({ shop: 'open' })).status, 201);
});

test('a proof is good once', async () => {
  const proof = work(await challenge());
  const replies = await Promise.all([1, 2, 3].map(() => ask({ proof })));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 401, 401]);
  await challenge();
  assert.equal((await ask({ proof })).status, 401);
});

test('what is no proof here gets another challenge', async () => {
  const [mine, other, page] = [await challenge(), await challenge({ shop: 'other' }), await challenge({ origin: ELSEWHERE })];
  const { nonce } = work(mine);
  const parts = mine.challenge.split('.');
  const easier = encoded({ ...claimsOf(mine.challenge), bits: 0 });
  for (const [what, of] of /** @type {[string, Parameters<typeof ask>[0]][]} */ ([
    ['undone', { proof: work(mine, false) }],
    ['of another shop', { proof: work(other) }],
    ['of another page', { proof: work(page) }],
    ['for less', { shop: 'hard', proof: work(mine) }],
    ['changed', { proof: { challenge: [parts[0], easier, parts[2]].join('.'), nonce } }],
    ['unsigned', { proof: { challenge: `${parts[0]}.${parts[1]}.`, nonce } }],
    ['nonsense', { proof: 'x' }],
    ['too long', { proof: `{"challenge":"${'x'.repeat(5_000)}","nonce":0}` }],
    ['a forged former token', { former: 'x.y.z' }],
  ])) {
    const { challenge: next } = await described('POST', await ask(of));
    assert.notEqual(next?.challenge, mine.challenge, what);
    assert.ok(next, what);
  }
  assert.equal((await ask({ proof: work(mine) })).status, 201);
});
