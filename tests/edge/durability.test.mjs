/** What was acknowledged stays, whatever happens to the worker, the shopper or the model. */

import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import { converse, history, send, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf, until } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

/** How long the connection to the provider may live on after the shopper has left. */
const CLOSE_MS = 1000;

const provider = await startProvider();
after(() => provider.stop());

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
beforeEach(async () => {
  worker = await startWorker({ llm: { url: provider.url } });
});
afterEach(() => worker?.kill());

/** Sends a turn and reads its answer up to the first text, which the provider is made to say. */
async function untilFirstText(/** @type {string} */ conversation, /** @type {any} */ body) {
  const leave = new AbortController();
  const response = await send(worker, conversation, body, { signal: leave.signal });
  assert.equal(response.status, 200);
  const completion = await provider.next();
  completion.say('Our mugs a');
  const stream = frames(response);
  const seen = await until(stream, 'delta');
  return { leave, stream, completion, seen };
}

test('kill -9 in the middle of an answer loses no message', async () => {
  const conversation = await converse(worker);
  const whole = await send(worker, conversation, turn('What are your mugs made of?'));
  const first = await provider.next();
  first.say('Stoneware.');
  first.finish();
  const earlier = textOf(await events(whole));

  const body = turn('And the saucers?');
  const response = await send(worker, conversation, body);
  const stream = frames(response);
  await until(stream, 'accepted');
  const abandoned = await provider.next();
  await worker.kill();
  await abandoned.closed;
  await assert.rejects(stream.next());
  await worker.start();

  const { messages, last_seq } = await history(worker, conversation);
  assert.equal(last_seq, 4);
  assert.deepEqual(messages.map((/** @type {any} */ m) => [m.seq, m.role]), [
    [1, 'shopper'],
    [2, 'assistant'],
    [3, 'shopper'],
    [4, 'assistant'],
  ]);
  assert.equal(messages[1].text, earlier);
  assert.equal(messages[2].text, body.text);
  assert.equal(messages[2].message_id, body.message_id);
  assert.equal(messages[3].status, 'interrupted');

  // The same message gets its answer now, in its old place.
  const again = send(worker, conversation, body);
  const retried = await provider.next();
  retried.say('Stoneware, too.');
  retried.finish();
  const answer = await events(await again);
  assert.deepEqual(answer[0].data, { type: 'accepted', message_seq: 3, answer_seq: 4 });
  assert.match(textOf(answer), /Stoneware, too\./);
  const after = await history(worker, conversation);
  assert.equal(after.last_seq, 4);
  assert.equal(after.messages[3].status, 'complete');
});

test('a shopper who leaves in the middle ends the answer, which is kept as interrupted', async () => {
  const conversation = await converse(worker);
  const { leave, completion } = await untilFirstText(conversation, turn('Tell me about mugs'));
  const leftAt = performance.now();
  leave.abort();
  const { at, isWhole } = await completion.closed;
  assert.equal(isWhole, false);
  assert.ok(at - leftAt <= CLOSE_MS, `the provider was left after ${at - leftAt} ms`);
  const answer = await eventually('the answer is kept as interrupted', async () => {
    const { messages } = await history(worker, conversation);
    return messages[1]?.status === 'interrupted' && messages[1];
  });
  assert.equal(answer.text, 'Our mugs ');
});

test('a second turn during an answer is told to wait', async () => {
  const conversation = await converse(worker);
  const { stream, completion, seen } = await untilFirstText(conversation, turn('Tell me about mugs'));
  assert.equal(seen[0].data.type, 'accepted');
  const second = await send(worker, conversation, turn('And plates?'));
  assert.equal(second.status, 409);
  const { error } = await second.json();
  assert.equal(error.code, 'busy');
  assert.equal(error.retryable, true);
  assert.equal((await history(worker, conversation)).last_seq, 2);
  completion.finish();
  await until(stream, 'done');
});

test('an answer is kept whole when the provider ends it', async () => {
  const conversation = await converse(worker);
  const response = await send(worker, conversation, turn('Tell me about mugs'));
  const completion = await provider.next();
  for (const word of ['They ', 'are ', 'sturdy.']) completion.say(word);
  completion.finish();
  const answer = await events(response);
  assert.match(textOf(answer), /They are sturdy\./);
  assert.deepEqual(answer.at(-1)?.data, { type: 'done', status: 'complete' });
  const { messages } = await history(worker, conversation);
  assert.equal(messages[1].text, textOf(answer));
});
