/**
 * What a model asks of the shop's team for a shopper: durable before anybody is told so, read and
 * closed by administrators, gone with its conversation.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv, adminKey, administer, lines } from '../support/admin.mjs';
import { conversationPath, converse, history, request, send, turn } from '../support/api.mjs';
import { SECRET, signedIn } from '../support/customer.mjs';
import { described } from '../support/description.mjs';
import { obeyShopper, question, results } from '../support/obedient.mjs';
import { loadOrders } from '../support/orders.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { NO_LIMITS, ORIGIN, startWorker } from '../support/worker.mjs';

const ANN = signedIn('7');
const CONTACT = 'team@shop.example';

/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  // It does what the shopper's last message says, and then, if that says so, nothing more.
  provider = await startProvider((completion) => {
    if (results(completion).length === 0 || !question(completion).includes(HOLD)) obeyShopper(completion);
  });
  const shop = { name: 'A shop', origins: [ORIGIN], contact: CONTACT, orders: { return_days: 30 }, ...NO_LIMITS };
  worker = await startWorker({
    llm: { url: provider.url },
    env: {
      ...adminEnv,
      AISLE_SHOPS: JSON.stringify({ demo: shop, other: shop }),
      AISLE_IDENTITY_SECRETS: JSON.stringify({ demo: SECRET }),
    },
  });
  await loadOrders(worker, [{
    number: '#1042',
    customer: '7',
    state: 'delivered',
    placed_at_ms: Date.now() - 5 * 86_400_000,
    delivered_at_ms: Date.now() - 86_400_000,
    currency: 'GBP',
    lines: [{ sku: 'M1', title: 'Mug', quantity: 1, price_minor: 425 }],
    total_minor: 425,
  }]);
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** Says something in a conversation, a new one unless told. @param {string} text @param {Record<string, string>} [headers] @param {string} [known] */
async function say(text, headers, known) {
  const conversation = known ?? (await converse(worker, headers));
  const answer = await events(await send(worker, conversation, turn(text), { headers }));
  assert.equal(answer.at(-1)?.data.type, 'done');
  return { conversation, text: textOf(answer) };
}

const HOLD = 'Then wait.';
const HAND_OVER = 'I want a person.\nCALL hand_over {"reason":"Call 4111 1111 1111 1111 back"}';

/** The tickets that are open. @param {string} [query] */
const tickets = async (query = '') => described('GET', await administer(worker, `/tickets${query}`));

/** Those of a conversation. @param {string} conversation */
const ticketsOf = async (conversation) =>
  (await tickets()).tickets.filter((/** @type {any} */ one) => one.conversation === conversation);

test('a wish for a person is before the team, and the shopper is told what comes next', async () => {
  const { conversation, text } = await say(HAND_OVER);
  assert.match(text, /noted for the shop's team\. They cannot answer in this chat\./);
  assert.ok(text.endsWith(`contact them: ${CONTACT}`), text);
  const { messages } = await history(worker, conversation);
  assert.equal(messages[1].text, text);
  const [ticket, ...more] = await ticketsOf(conversation);
  assert.equal(more.length, 0);
  assert.deepEqual(ticket.requested, { kind: 'hand_over', reason: 'Call [card number] back' });
  assert.ok(Math.abs(ticket.opened_ms - Date.now()) < 60_000);

  // The same wish again is the same ticket, and it outlives a kill.
  await say(HAND_OVER.replace('Call', 'Ring'), undefined, conversation);
  await worker.kill();
  await worker.start();
  const [again, ...others] = await ticketsOf(conversation);
  assert.equal(others.length, 0);
  assert.deepEqual([again.id, again.opened_ms], [ticket.id, ticket.opened_ms]);
});

test('a return of an own order is before the team, a foreign one is not', async () => {
  const back = 'Take #1042 back.\nCALL start_return {"number":"#1042","reason":"It is broken"}';
  const mine = await say(back, ANN);
  assert.match(mine.text, /Your wish to send order #1042 back is noted for the shop's team\./);
  const [ticket] = await ticketsOf(mine.conversation);
  assert.deepEqual(ticket.requested, { kind: 'return', order: '#1042', reason: 'It is broken' });
  const { conversation, text } = await say(back);
  assert.doesNotMatch(text, /noted/);
  assert.deepEqual(await ticketsOf(conversation), []);
});

test('what was asked for is not lost when the answer is never read to its end', async () => {
  const conversation = await converse(worker);
  const controller = new AbortController();
  const { signal } = controller;
  const from = provider.completions.length;
  const lost = await send(worker, conversation, turn(`${HAND_OVER}\n${HOLD}`), { signal });
  await eventually('the model was told', () => provider.completions.length === from + 2);
  controller.abort();
  await assert.rejects(lost.text());
  assert.equal((await ticketsOf(conversation)).length, 1);
});

test('tickets come in pages, are closed, and are of one shop', async () => {
  for (let at = 0; at < 2; at += 1) await say(HAND_OVER);
  const all = (await tickets()).tickets;
  assert.ok(all.length >= 2);
  const times = all.map((/** @type {any} */ one) => one.opened_ms);
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  const [first] = all;
  const rest = (await tickets(`?after=${first.opened_ms}.${first.id}`)).tickets;
  assert.deepEqual(rest, all.slice(1));
  assert.equal((await administer(worker, '/tickets?after=x')).status, 400);

  const other = `/v1/admin/shops/other/tickets`;
  const headers = { authorization: `Bearer ${adminKey}` };
  assert.deepEqual(await (await request(worker, other, { headers })).json(), { tickets: [] });
  const close = (/** @type {string} */ path) => request(worker, path, { method: 'DELETE', headers });
  assert.equal((await close(`${other}/${first.id}`)).status, 404);
  const mine = `/v1/admin/shops/demo/tickets/${first.id}`;
  assert.equal((await request(worker, mine, { method: 'DELETE' })).status, 401);
  assert.equal((await close(mine)).status, 204);
  assert.equal((await close(mine)).status, 404);
  assert.deepEqual((await tickets()).tickets, rest);
});

test('tickets are handed out with their conversation, and go with it', async () => {
  const { conversation } = await say(HAND_OVER);
  const export_ = async () => lines(await administer(worker, '/privacy/export', { body: { conversation } }));
  const told = (await export_()).filter((line) => line.ticket);
  assert.deepEqual(told.map((line) => line.ticket.requested.kind), ['hand_over']);
  const deleted = await request(worker, conversationPath(conversation, ''), { method: 'DELETE' });
  assert.equal(deleted.status, 204);
  assert.deepEqual(await ticketsOf(conversation), []);
  assert.deepEqual(await export_(), []);
});

test('what a conversation took is told, and what happened is counted', async () => {
  const { conversation } = await say(HAND_OVER);
  const usage = await described('GET', await administer(worker, `/conversations/${conversation}/usage`));
  assert.deepEqual([usage.requests, usage.estimated], [2, 2]);
  assert.ok(usage.input_tokens > usage.output_tokens && usage.output_tokens > 0, JSON.stringify(usage));
  const unknown = await administer(worker, '/conversations/0000/usage');
  assert.equal(unknown.status, 404);
  const elsewhere = `/v1/admin/shops/other/conversations/${conversation}/usage`;
  const headers = { authorization: `Bearer ${adminKey}` };
  assert.equal((await request(worker, elsewhere, { headers })).status, 404);

  const metrics = await (await request(worker, '/metrics', { headers })).text();
  const figure = (/** @type {string} */ name) =>
    Number(metrics.split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
  assert.ok(figure('aisle_turns_total{result="complete"}') >= 1, metrics);
  assert.equal(figure('aisle_streams_open'), 0);
  assert.ok(figure('aisle_turn_first_text_milliseconds_count') >= 1);
  assert.ok(figure('aisle_tickets_opened_total{kind="hand_over"}') >= 1);
  assert.doesNotMatch(metrics, new RegExp(conversation));
});
