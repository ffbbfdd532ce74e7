/**
 * Anthropic's wire format against a server that is not ours: LiteLLM serves it, streamed, before a
 * model of OpenAI's format. It is there where AISLE_LITELLM names its program.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { adminEnv, administer } from '../support/admin.mjs';
import { converse, history, send, turn } from '../support/api.mjs';
import { KEY, MODEL, RELAYED, startLiteLlm } from '../support/litellm.mjs';
import { results } from '../support/obedient.mjs';
import { litellm } from '../support/paths.mjs';
import { startProvider } from '../support/provider.mjs';
import { startRecorder } from '../support/recorder.mjs';
import { events, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const QUESTION = 'How long do I have to return something?';
const TELL = 'Tell me something about returns.';
const SENTENCES = Array.from({ length: 12 }, (_, at) => `This is sentence ${at + 1} of it. `);

describe("Anthropic's format, served by LiteLLM", { skip: !litellm }, () => {
  /** The model behind LiteLLM. @type {Awaited<ReturnType<typeof startProvider>>} */
  let behind;
  /** @type {Awaited<ReturnType<typeof startLiteLlm>>} */
  let proxy;
  /** @type {Awaited<ReturnType<typeof startRecorder>>} */
  let recorder;
  before(async () => {
    behind = await startProvider((completion) => {
      const { messages } = completion.body;
      if (JSON.stringify(messages.at(-1)).includes(TELL)) {
        for (const sentence of SENTENCES) completion.say(sentence);
        completion.finish({ input: 800, output: 90 });
      } else if (results(completion).length === 0) {
        completion.say('Let me look. ');
        completion.call('search_products', { query: 'red mug' });
        completion.call('shop_documents', { query: 'return an item' });
        completion.finish({ input: 900, output: 40 });
      } else {
        completion.say('You can ');
        completion.say('return it. ');
        completion.finish({ input: 1_200, output: 8 });
      }
    });
    proxy = await startLiteLlm('A canned answer.', behind.url);
    recorder = await startRecorder(proxy.origin);
  });
  after(async () => {
    await recorder?.stop();
    await proxy?.kill();
    await behind?.stop();
  });

  /** The answer to a question, of one of LiteLLM's models. @param {string} question @param {string} [model] */
  async function ask(question, model = RELAYED) {
    const settings = [{
      name: 'litellm',
      kind: 'anthropic',
      url: `${recorder.origin}/v1`,
      model,
      key: 'LITELLM',
      input_price: 3,
      output_price: 15,
    }];
    const worker = await startWorker({
      env: {
        ...adminEnv,
        AISLE_PROVIDERS: JSON.stringify(settings),
        AISLE_PROVIDER_KEYS: JSON.stringify({ LITELLM: KEY }),
      },
    });
    const from = recorder.exchanges.length;
    try {
      const conversation = await converse(worker);
      const answer = await events(await send(worker, conversation, turn(question)));
      assert.equal(answer.at(-1)?.data.status, 'complete', JSON.stringify(answer.at(-1)));
      const { messages } = await history(worker, conversation);
      const used = await administer(worker, `/conversations/${conversation}/usage`);
      const exchanges = recorder.exchanges.slice(from);
      return { answer, message: messages[1], exchanges, usage: await used.json() };
    } finally {
      await worker.kill();
    }
  }

  test('text is relayed as it streams, and its tokens are counted', async () => {
    const { answer, message, exchanges, usage } = await ask(TELL);
    assert.equal(message.text.trim(), SENTENCES.join('').trim());
    assert.ok(answer.filter(({ data }) => data.type === 'delta').length >= 3);
    assert.deepEqual(exchanges.map(({ path }) => path), ['/v1/messages']);
    assert.equal(exchanges[0]?.body.model, RELAYED);
    const told = { requests: 1, estimated: 0, input_tokens: 800, output_tokens: 90, micros: 3_750 };
    assert.deepEqual(usage, told);
  });

  test('a reply that is no stream is as none: the documents answer', async () => {
    // LiteLLM's own canned answers come whole here, whatever was asked for.
    const { message } = await ask(QUESTION, MODEL);
    assert.match(message.text, /30 days/);
  });

  test('tools are called, done and told', async () => {
    const { answer, exchanges, usage } = await ask(QUESTION);
    assert.match(textOf(answer), /^Let me look\.\s+You can return it\.\s*$/);
    assert.deepEqual([usage.requests, usage.input_tokens, usage.output_tokens], [2, 2_100, 48]);
    assert.equal(exchanges.length, 2);
    const { messages } = behind.completions.at(-1)?.body ?? {};
    const [first, second] = messages.filter((/** @type {any} */ m) => m.role === 'tool');
    assert.match(first.content, /sku \d+/);
    assert.match(second.content, /30 days/);
    const called = messages.find((/** @type {any} */ message) => message.tool_calls);
    assert.deepEqual(
      called.tool_calls.map((/** @type {any} */ one) => one.function.name),
      ['search_products', 'shop_documents'],
    );
    assert.deepEqual([first, second].map(({ tool_call_id: id }) => id),
      called.tool_calls.map((/** @type {any} */ one) => one.id));
  });
});

if (!litellm) console.log("note  AISLE_LITELLM names no program: Anthropic's format is not tried against it");
