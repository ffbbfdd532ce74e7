/** An answer outlives the connection that it began on: resumed, shared, stopped, edited. */

import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import { converse, history, resume, send, stop, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf, until } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

/** How long the request to the provider may live on once nobody wants the answer. */
const CLOSE_MS = 500;

const provider = await startProvider();
after(() => provider.stop());

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
beforeEach(async () => {
  worker = await startWorker({ llm: { url: provider.url } });
});
afterEach(() => worker?.kill());

/** Sends a turn that the provider has begun to answer, and reads as far as that. */
async function begun(/** @type {string} */ said, body = turn('Tell me about your mugs')) {
  const conversation = await converse(worker);
  const leave = new AbortController();
  const response = await send(worker, conversation, body, { signal: leave.signal });
  const completion = await provider.next();
  completion.say(said);
  const stream = frames(response);
  const seen = await until(stream, 'delta');
  return { conversation, id: body.message_id, leave, stream, seen, completion };
}

const lastId = (/** @type {any[]} */ seen) => seen.at(-1).id;

/** Prints a time that is not asserted: the machine may have other work. */
function tell(/** @type {import('node:test').TestContext} */ t, /** @type {string} */ what, ms = 0) {
  t.diagnostic(`${what}: ${ms.toFixed(0)} ms (aim: ${CLOSE_MS})`);
}

test('a client that was cut goes on from the event it had, byte for byte', async () => {
  const { conversation, id, leave, seen, completion } = await begun('They are größer a');
  // Two readers, so that the answer goes on while the first one is away.
  const other = events(await resume(worker, conversation, id));
  leave.abort();
  completion.say('nd s');
  const back = frames(await resume(worker, conversation, id, lastId(seen)));
  seen.push(...(await until(back, 'delta')));
  await back.return(undefined);
  for (const word of ['chöner, ', 'too 🧺.']) completion.say(word);
  completion.finish();
  const rest = await events(await resume(worker, conversation, id, lastId(seen)));
  const text = textOf([...seen, ...rest]);
  assert.equal(text, 'They are größer and schöner, too 🧺.');
  assert.equal(textOf(await other), text);
  assert.equal((await history(worker, conversation)).messages[1].text, text);

  // Once it is whole the store gives the same under the same ids.
  for (const after of [undefined, lastId(seen), rest.at(-1)?.id]) {
    const again = await events(await resume(worker, conversation, id, after));
    const known = Number(after?.split('-')[1] ?? 0);
    assert.equal(textOf(again), Buffer.from(text).subarray(known).toString());
    assert.deepEqual(again.at(-1), rest.at(-1));
  }
  const header = { 'last-event-id': lastId(seen) };
  const asBrowsersDo = await resume(worker, conversation, id, undefined, { headers: header });
  assert.equal(textOf(await events(asBrowsersDo)), textOf(rest));
});

test('two tabs read one answer, and it goes on for the one that stays', async () => {
  const body = turn('Tell me about your mugs');
  const { conversation, id, leave, seen, completion } = await begun('They a', body);
  const resumed = events(await resume(worker, conversation, id));
  const sentAgain = events(await send(worker, conversation, body));
  leave.abort();
  completion.say('re sturdy.');
  completion.finish();
  for (const answer of [await resumed, await sentAgain]) {
    assert.deepEqual(answer[0], seen[0]);
    assert.equal(textOf(answer), 'They are sturdy.');
    assert.equal(answer.at(-1)?.data.status, 'complete');
  }
  assert.equal((await history(worker, conversation)).last_seq, 2);
});

test('stopping ends the answer for everybody and the request to the model', async (t) => {
  const { conversation, id, stream, completion } = await begun('They a');
  const stoppedAt = performance.now();
  const stopped = await stop(worker, conversation, id);
  assert.equal(stopped.status, 200);
  assert.deepEqual(await stopped.json(), { status: 'cancelled' });
  const seen = await until(stream, 'done');
  assert.equal(seen.at(-1)?.data.status, 'cancelled');
  const { at, isWhole } = await completion.closed;
  assert.equal(isWhole, false);
  tell(t, 'from the stop to the end of the request', at - stoppedAt);
  const { messages } = await history(worker, conversation);
  assert.deepEqual([messages[1].status, messages[1].text], ['cancelled', 'They ']);
  assert.equal((await stop(worker, conversation, 'no-such-message')).status, 404);
});

test('an answer that its last reader left ends the request to the model', async (t) => {
  const { conversation, id, leave, completion } = await begun('They a');
  const leftAt = performance.now();
  leave.abort();
  const { at, isWhole } = await completion.closed;
  assert.equal(isWhole, false);
  tell(t, 'from leaving to the end of the request', at - leftAt);
  await eventually('the answer is kept as interrupted', async () => {
    const { messages } = await history(worker, conversation);
    return messages[1].status === 'interrupted';
  });
  const answer = await events(await resume(worker, conversation, id));
  assert.equal(textOf(answer), 'They ');
  assert.deepEqual(answer.at(-1)?.data, { type: 'done', status: 'interrupted' });
});

test('after kill -9 in mid-answer a reader has what is kept, and asks again', async () => {
  const { conversation, id, seen, stream } = await begun('They are s');
  await worker.kill();
  await assert.rejects(stream.next());
  await worker.start();
  const answer = await events(await resume(worker, conversation, id, lastId(seen)));
  const { messages } = await history(worker, conversation);
  // What the reader had beyond what is kept is void: the answer starts over, in its next epoch.
  assert.equal(answer[0].id, '2-0');
  assert.equal(textOf(answer), messages[1].text);
  assert.equal(answer.at(-1)?.data.status, 'interrupted');

  const body = { ...turn('Tell me about your mugs'), message_id: id };
  const again = send(worker, conversation, body);
  const completion = await provider.next();
  completion.say('They are sturdy.');
  completion.finish();
  assert.equal(textOf(await events(await again)), 'They are sturdy.');
  assert.equal((await history(worker, conversation)).last_seq, 2);
});

test('an edited message takes the place of the last one, while that is being answered', async () => {
  const { conversation, id, stream } = await begun('They a');
  const edited = turn('Tell me about your plates', { replaces: [id] });
  const answering = send(worker, conversation, edited);
  assert.equal((await until(stream, 'done')).at(-1)?.data.status, 'cancelled');
  const completion = await provider.next();
  assert.doesNotMatch(completion.prompt, /your mugs/);
  completion.say('They are flat.');
  completion.finish();
  const answer = await events(await answering);
  assert.deepEqual(answer[0].data, { type: 'accepted', message_seq: 3, answer_seq: 4 });

  const { messages, last_seq } = await history(worker, conversation);
  assert.equal(last_seq, 4);
  assert.deepEqual(messages.map((/** @type {any} */ m) => m.seq), [3, 4]);
  assert.deepEqual(messages[0].replaces, [id]);
  assert.equal((await resume(worker, conversation, id)).status, 404);
  // What was replaced does not come back when it is sent again.
  const late = await send(worker, conversation, turn('Tell me about your mugs', { message_id: id }));
  assert.equal(late.status, 400);
  await worker.kill();
  await worker.start();
  assert.deepEqual((await history(worker, conversation)).messages, messages);
});

test('an edit of what is not the last message any more is a message of its own', async () => {
  const { conversation, id, completion, stream } = await begun('They a');
  completion.finish();
  await until(stream, 'done');
  for (const body of [turn('And plates?'), turn('Bowls?', { replaces: [id] })]) {
    const answering = send(worker, conversation, body);
    const next = await provider.next();
    next.say('Yes.');
    next.finish();
    await events(await answering);
  }
  const { messages } = await history(worker, conversation);
  assert.deepEqual(messages.map((/** @type {any} */ m) => m.seq), [1, 2, 3, 4, 5, 6]);
});

test('what is not known cannot be resumed', async () => {
  const conversation = await converse(worker);
  for (const [path, status] of [
    [resume(worker, conversation, 'never-sent'), 404],
    [resume(worker, conversation, 'never-sent', 'x'), 400],
    [resume(worker, 'f'.repeat(32), 'never-sent'), 404],
  ]) {
    assert.equal((await path).status, status);
  }
});
