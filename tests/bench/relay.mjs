/**
 * What the worker costs between a shopper and a language model: the first words of an answer of
 * LiteLLM's proxy, asked directly and through the worker in turns, and the worker's CPU for each
 * piece of text that it passes on. Through the worker means its whole way: session, limits, the
 * conversation's object, the durable question, grounding, and the check of what the model says.
 */

import { converse, send, turn } from '../support/api.mjs';
import { print, quantile, spread } from '../support/figures.mjs';
import { KEY, MODEL, startLiteLlm } from '../support/litellm.mjs';
import { litellm } from '../support/paths.mjs';
import { startRecorder } from '../support/recorder.mjs';
import { frames } from '../support/sse.mjs';
import { startTalker } from '../support/talker.mjs';
import { cpuMs } from '../support/usage.mjs';
import { visitor, withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const PAIRS = 300;
/** Pairs before time runs: the first turns open the index and warm both sides. */
const WARMING = 20;
const QUESTION = 'How long do I have to return something?';
const ANSWER = 'you have thirty days from the day that it came to send it back to us.';

/** Answers at a time, and pieces of each, of which the CPU is measured. */
const STREAMS = 20;
const WORDS = 600;
const PAUSE_MS = 10;

/** The data of an event of either side; the line that ends the model's own stream is not JSON. */
const parse = (/** @type {string} */ text) => (text === '[DONE]' ? undefined : JSON.parse(text));

/** Whether an event has text: one of ours, or one of the model's own. */
const hasText = (/** @type {any} */ data) =>
  data?.type === 'delta' || Boolean(data?.choices?.[0]?.delta?.content);

/**
 * Reads an answer to its end; milliseconds from asking to the first words.
 * @param {() => Promise<Response>} ask
 */
async function firstWords(ask) {
  const askedAt = performance.now();
  let first;
  for await (const { data } of frames(await ask(), parse)) {
    if (hasText(data)) first ??= performance.now() - askedAt;
    if (data?.type === 'done' && data.status !== 'complete') throw new Error(JSON.stringify(data));
  }
  if (first === undefined) throw new Error('an answer without words');
  return first;
}

/**
 * A new visitor who has a conversation, and can ask in it.
 * @param {import('../support/worker.mjs').Worker} worker
 */
async function shopper(worker) {
  const headers = await visitor(worker, { headers: { 'x-test-address': '198.51.100.1' } });
  const conversation = await converse(worker, headers);
  return () => send(worker, conversation, turn(QUESTION), { headers });
}

/**
 * First words of a worker's answer, to a visitor of its own.
 * @param {import('../support/worker.mjs').Worker} worker
 */
const through = async (worker) => firstWords(await shopper(worker));

/** A worker as it serves shoppers. @param {{url: string, model?: string, key?: string}} llm */
const protectedWorker = (llm) => startWorker({ llm, shop: NO_LIMITS, env: withSessions });

/** A worker that asks LiteLLM, which is at `origin`. @param {string} origin */
const workerBefore = (origin) => protectedWorker({ url: `${origin}/v1`, model: MODEL, key: KEY });

/** What a worker sends to the model for the question. @param {string} origin where LiteLLM is */
async function requestBody(origin) {
  const recorder = await startRecorder(origin);
  const worker = await workerBefore(recorder.origin);
  await through(worker);
  await worker.kill();
  await recorder.stop();
  return JSON.stringify(recorder.exchanges[0].body);
}

/** First words of LiteLLM, directly and through the worker: the same request both times. */
async function firstToken() {
  const provider = await startLiteLlm(ANSWER);
  const body = await requestBody(provider.origin);
  const direct = () =>
    fetch(`${provider.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body,
    });
  const worker = await workerBefore(provider.origin);
  /** @type {{direct: number[], through: number[]}} */
  const times = { direct: [], through: [] };
  try {
    for (let at = -WARMING; at < PAIRS; at += 1) {
      const pair = [await firstWords(direct), await through(worker)];
      if (at < 0) continue;
      times.direct.push(pair[0]);
      times.through.push(pair[1]);
    }
  } finally {
    await worker.kill();
    await provider.kill();
  }
  const added = (/** @type {number} */ share) =>
    Number((quantile(times.through, share) - quantile(times.direct, share)).toFixed(2));
  return {
    request: { unit: 'bytes', count: body.length },
    first_words_direct: spread('ms', times.direct),
    first_words_through: spread('ms', times.through),
    added: { unit: 'ms', p50: added(0.5), p95: added(0.95) },
  };
}

/** The worker's CPU for each piece of a model's text. */
async function cpu() {
  const talker = await startTalker({ words: WORDS, pauseMs: PAUSE_MS });
  const worker = await protectedWorker({ url: talker.url });
  try {
    const shoppers = await Promise.all(Array.from({ length: STREAMS }, () => shopper(worker)));
    await through(worker);
    const before = cpuMs(worker);
    await Promise.all(shoppers.map(firstWords));
    const ms = cpuMs(worker) - before;
    const pieces = STREAMS * WORDS;
    return { cpu_per_piece: { unit: 'ms', mean: Number((ms / pieces).toFixed(4)), count: pieces } };
  } finally {
    await worker.kill();
    await talker.stop();
  }
}

if (!litellm) throw new Error('AISLE_LITELLM does not say where LiteLLM is');
print({ ...(await firstToken()), ...(await cpu()) });
