/**
 * A language model's server on bad days. Before its first word the shop's documents answer in its
 * place; after it, the answer is marked as failed and what was said is kept.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { converse, history, send, turn } from '../support/api.mjs';
import { freePort } from '../support/processes.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

/** @typedef {import('../support/provider.mjs').Completion} Completion */

const QUESTION = 'How long do I have to return something?';

/**
 * A provider of its own for each case, because the cases run at the same time: one of them takes
 * as long as the worker's patience with a silent provider.
 * @param {(completion: Completion) => void} act what the provider does each time that it is asked
 * @param {string} [firstWords] what it says before, and the shopper gets
 */
async function askOnBadDay(act, firstWords) {
  const provider = await startProvider((completion) => {
    if (firstWords) completion.say(firstWords);
    else act(completion);
  });
  const worker = await startWorker({ llm: { url: provider.url } });
  try {
    const conversation = await converse(worker);
    const asked = send(worker, conversation, turn(QUESTION));
    const completion = await provider.next();
    const answer = [];
    for await (const frame of frames(await asked)) {
      if (frame.data) answer.push(frame);
      if (firstWords && frame.data?.text === firstWords) act(completion);
    }
    const { messages } = await history(worker, conversation);
    return { answer, kept: messages[1], asked: provider.completions.length };
  } finally {
    await Promise.all([worker.kill(), provider.stop()]);
  }
}

/** @type {[string, (completion: Completion) => void][]} */
const BEFORE_THE_FIRST_WORD = [
  ['fails with HTTP 500', (completion) => completion.refuse(500)],
  ['is overloaded', (completion) => completion.refuse(429)],
  ['cuts the connection', (completion) => completion.cut()],
  ['is silent for ever', () => {}],
  ['opens a stream and is silent for ever', (completion) => completion.write(': hello\n\n')],
  ['has nothing to say', (completion) => completion.finish()],
  ['never ends a line', (completion) => completion.write('x'.repeat(300_000))],
  ['sends what is not its protocol', (completion) => completion.write('data: <html>\n\n')],
  ['reports an error in the stream', (completion) => {
    completion.write('data: {"error":{"message":"overloaded"}}\n\n');
  }],
];

/** @type {[string, (completion: Completion) => void][]} */
const AFTER_THE_FIRST_WORD = [
  ['cuts the connection', (completion) => completion.cut()],
  ['cuts the connection inside a frame', (completion) => {
    completion.response.write('data: {"choices":[{"del', () => completion.cut());
  }],
  ['sends what is not its protocol', (completion) => completion.write('data: <html>\n\n')],
  ['ends without its last frame', (completion) => completion.response.end()],
];

describe('bad days', { concurrency: 4 }, () => {
  for (const [what, act] of BEFORE_THE_FIRST_WORD) {
    test(`a provider that ${what} before the first word is replaced`, async () => {
      const { answer, kept } = await askOnBadDay(act);
      assert.match(textOf(answer), /30 days/);
      assert.deepEqual(answer.at(-1)?.data, { type: 'done', status: 'complete' });
      assert.equal(kept.status, 'complete');
      assert.equal(kept.text, textOf(answer));
    });
  }

  for (const [what, act] of AFTER_THE_FIRST_WORD) {
    test(`an answer whose provider ${what} after the first word is failed`, async () => {
      const { answer, kept, asked } = await askOnBadDay(act, 'You can ');
      assert.equal(asked, 1);
      assert.equal(textOf(answer), 'You can ');
      const { type, error } = answer.at(-1)?.data ?? {};
      assert.equal(type, 'failed');
      assert.equal(error.code, 'provider_failed');
      assert.equal(error.retryable, true);
      assert.equal(kept.status, 'failed');
      assert.equal(kept.text, 'You can ');
    });
  }
});

test('a provider that is not there is replaced', async () => {
  const worker = await startWorker({ llm: { url: `http://127.0.0.1:${await freePort()}/v1` } });
  try {
    const answer = await events(await send(worker, await converse(worker), turn(QUESTION)));
    assert.match(textOf(answer), /30 days/);
    assert.equal(answer.at(-1)?.data.status, 'complete');
  } finally {
    await worker.kill();
  }
});

describe('what a provider is told', () => {
  /** @type {Awaited<ReturnType<typeof startProvider>>} */
  let provider;
  /** @type {Awaited<ReturnType<typeof startWorker>>} */
  let worker;
  before(async () => {
    provider = await startProvider();
    worker = await startWorker({ llm: { url: provider.url, model: 'some-model', key: 'a-secret' } });
  });
  after(() => Promise.all([worker?.kill(), provider?.stop()]));

  test('the model, the key, the documents that matter, and what was said before', async () => {
    const conversation = await converse(worker);
    const first = send(worker, conversation, turn(QUESTION));
    const asked = await provider.next();
    assert.equal(asked.headers.authorization, 'Bearer a-secret');
    assert.equal(asked.body.model, 'some-model');
    assert.equal(asked.body.stream, true);
    assert.match(asked.prompt, /30 days/);
    assert.equal(asked.body.messages.at(-1).role, 'user');
    assert.match(asked.body.messages.at(-1).content, /How long do I have/);
    asked.say('Thirty days.');
    asked.finish();
    const told = await (await first).text();
    assert.doesNotMatch(told, /a-secret|some-model/);

    const second = send(worker, conversation, turn('regency cakestand please'));
    const followed = await provider.next();
    assert.match(followed.prompt, /Thirty days\./);
    assert.match(followed.prompt, /cakestand/i);
    assert.match(followed.prompt, /£\d/, 'prices of the catalogue');
    followed.finish();
    await (await second).text();
  });
});
