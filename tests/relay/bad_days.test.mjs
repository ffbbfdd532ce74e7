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
/** What a provider says first; the last word is passed on when it can be no other one. */
const FIRST_WORDS = 'You can w';

/**
 * A provider of its own for each case, because the cases run at the same time: one of them takes
 * as long as the worker's patience with a silent provider.
 * @param {(completion: Completion) => void} act what the provider does each time that it is asked
 * @param {string} [firstWords] what it says before; it acts when the shopper has read some of it
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
    let hasActed = false;
    for await (const frame of frames(await asked)) {
      if (frame.data) answer.push(frame);
      if (frame.data?.type === 'delta' && firstWords && !hasActed) {
        hasActed = true;
        act(completion);
      }
    }
    const { messages } = await history(worker, conversation);
    // Nobody goes on asking for what is not wanted any more.
    const { isWhole } = await completion.closed;
    return { answer, kept: messages[1], asked: provider.completions.length, isWhole };
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
  ['cuts the connection inside a letter', (completion) => {
    const bytes = Buffer.from(completion.wire.text('größe'));
    const letter = bytes.subarray(0, bytes.indexOf('ö') + 1);
    completion.response.write(letter, () => completion.cut());
  }],
  ['is silent for ever', () => {}],
  ['goes on for ever without a word', (completion) => {
    completion.write(': still here\n\n'.repeat(400_000));
  }],
  ['never ends a line', (completion) => completion.write('x'.repeat(300_000))],
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
      const { answer, kept, asked } = await askOnBadDay(act, FIRST_WORDS);
      assert.equal(asked, 1);
      assert.equal(textOf(answer), FIRST_WORDS);
      const { type, error } = answer.at(-1)?.data ?? {};
      assert.equal(type, 'failed');
      assert.equal(error.code, 'provider_failed');
      assert.equal(error.retryable, true);
      assert.equal(kept.status, 'failed');
      assert.equal(kept.text, FIRST_WORDS);
    });
  }
});

/** The longest text of an answer, in bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

test('an answer without end is failed, and not much longer than an answer may be', async () => {
  const { answer, kept, isWhole } = await askOnBadDay((completion) => {
    for (let at = 0; at < 40_000; at += 1) completion.say('ait more w');
  }, FIRST_WORDS);
  const length = Buffer.byteLength(textOf(answer));
  assert.ok(length > MAX_ANSWER_BYTES / 2 && length < MAX_ANSWER_BYTES + 1_024, `${length} bytes`);
  assert.equal(answer.at(-1)?.data.error.code, 'provider_failed');
  assert.deepEqual([kept.status, kept.text], ['failed', textOf(answer)]);
  assert.equal(isWhole, false);
});

test('bytes in mid-answer that are no text are replaced', async () => {
  const { answer, kept } = await askOnBadDay((completion) => {
    const [before, after] = completion.wire.text('ait~ here').split('~');
    const bytes = [Buffer.from(before ?? ''), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(after ?? '')];
    completion.write(Buffer.concat(bytes));
    completion.finish();
  }, FIRST_WORDS);
  assert.equal(textOf(answer), 'You can wait\ufffd(\ufffd here');
  assert.deepEqual([kept.status, kept.text], ['complete', textOf(answer)]);
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
