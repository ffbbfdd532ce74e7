/**
 * A conversation of many turns: read in pages, exported in parts, asked about at the same price,
 * and full when the shop says so. `AISLE_TURNS=10000` makes it as long as the default allows.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { converse, history, send, turn } from '../support/api.mjs';
import { quantile } from '../support/figures.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const TURNS = Number(process.env.AISLE_TURNS ?? 1_200);
/** Messages that one page of the history, or one line of the export, has at most. */
const PAGE = 1_000;
/** Turns whose prompts are compared. */
const [EARLY, LATE] = [50, TURNS];

/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  provider = await startProvider((completion) => {
    completion.say('Yes, they do.');
    completion.finish();
  });
  const limits = { ...NO_LIMITS.limits, messages_per_conversation: 2 * TURNS };
  worker = await startWorker({ llm: { url: provider.url }, shop: { limits }, env: adminEnv });
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** Every message, page by page. @param {string} conversation */
async function pages(conversation) {
  const all = [];
  for (;;) {
    const { messages, last_seq: last } = await history(worker, conversation, all.length);
    assert.ok(messages.length <= PAGE);
    all.push(...messages);
    if (all.length >= last || messages.length === 0) return all;
  }
}

test(`${TURNS} turns of one conversation`, async (t) => {
  const conversation = await converse(worker);
  /** @type {string[]} */
  const said = [];
  /** @type {number[]} */
  const ms = [];
  for (let at = 1; at <= TURNS; at += 1) {
    const isAsked = at === EARLY || at === LATE;
    // Most are answered on the device: only these two are the model's.
    const body = turn(`Message ${at}: do they ship?`, isAsked ? {} : { local: { section: 1, skus: [] } });
    const sentAt = performance.now();
    const answer = await events(await send(worker, conversation, body));
    ms.push(performance.now() - sentAt);
    assert.equal(answer.at(-1)?.data.status, 'complete', `turn ${at}`);
    assert.equal(answer[0]?.data.message_seq, 2 * at - 1);
    if (isAsked) assert.equal(textOf(answer), 'Yes, they do.');
    said.push(body.text);
  }
  const tenth = Math.ceil(TURNS / 10);
  const middle = (/** @type {number[]} */ some) => quantile(some, 0.5).toFixed(1);
  t.diagnostic(`a turn took ${middle(ms.slice(0, tenth))} ms at first, ${middle(ms.slice(-tenth))} ms at last (p50)`);

  // What the model is asked does not grow with the conversation.
  const [early, late] = provider.completions.map(({ prompt }) => prompt.length);
  assert.ok(early && late && late <= 1.2 * early, `${early} and ${late} characters`);

  const all = await pages(conversation);
  assert.deepEqual(all.map(({ seq }) => seq), Array.from({ length: 2 * TURNS }, (_, at) => at + 1));
  assert.deepEqual(all.filter(({ role }) => role === 'shopper').map(({ text }) => text), said);
  assert.ok(all.every(({ status }) => status === 'complete'));

  const parts = await lines(await administer(worker, '/privacy/export', { body: { conversation } }));
  const count = Math.ceil((2 * TURNS) / PAGE);
  assert.ok(parts.length >= count, `${parts.length} parts`);
  const ids = parts.map((_, at) => (at === 0 ? conversation : `${conversation}.${at + 1}`));
  assert.deepEqual(parts.map(({ id }) => id), ids);
  const exported = parts.flatMap(({ messages }) => messages);
  assert.ok(parts.every(({ messages }) => messages.length <= PAGE));
  assert.deepEqual(exported.map(({ text }) => text), all.map(({ text }) => text));

  const more = await send(worker, conversation, turn('One more'));
  assert.equal(more.status, 409);
  assert.equal((await more.json()).error.code, 'conversation_full');
  assert.equal((await history(worker, conversation, 2 * TURNS)).last_seq, 2 * TURNS);
});
