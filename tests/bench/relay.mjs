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

/** Whether a frame of the model's own stream has text. */
const speaks = (/** @type {any} */ data) => Boolean(data?.choices?.[0]?.delta?.content);

/**
 * Milliseconds from asking to the first words.
 * @param {() => Promise<Response>} ask
 * @param {(data: any) => boolean} isText
 */
async function firstWords(ask, isText) {
  const askedAt = performance.now();
  let first;
  for await (const { data } of frames(await ask())) {
    if (first === undefined && isText(data)) first = performance.now() - askedAt;
    if (data?.type === 'done' && data.status !== 'complete') throw new Error(JSON.stringify(data));
  }
  if (first === undefined) throw new Error('an answer without words');
  return first;
}

/** First words of LiteLLM, directly and through the worker: the same request both times. */
async function firstToken() {
  const provider = await startLiteLlm(ANSWER);
  const recorder = await startRecorder(provider.origin);
  const worker = (/** @type {string} */ origin) =>
    startWorker({ llm: { url: `${origin}/v1`, model: MODEL, key: KEY }, shop: NO_LIMITS });
  /** @type {{direct: number[], through: number[]}} */
  const times = { direct: [], through: [] };
  const recorded = await worker(recorder.origin);
  const isDelta = (/** @type {any} */ data) => data?.type === 'delta';
  const ask = async (/** @type {import('../support/worker.mjs').Worker} */ of) => {
    const conversation = await converse(of);
    return firstWords(() => send(of, conversation, turn(QUESTION)), isDelta);
  };
  await ask(recorded);
  await recorded.kill();
  const body = JSON.stringify(recorder.exchanges[0].body);
  await recorder.stop();
  const direct = async () => {
    const response = await fetch(`${provider.origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body,
    });
    return new Response(response.body?.pipeThrough(withoutEnd()));
  };
  const relaying = await worker(provider.origin);
  try {
    for (let at = -WARMING; at < PAIRS; at += 1) {
      const pair = { direct: await firstWords(direct, speaks), through: await ask(relaying) };
      if (at < 0) continue;
      times.direct.push(pair.direct);
      times.through.push(pair.through);
    }
  } finally {
    await relaying.kill();
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

/** Takes the line that ends a stream of OpenAI's protocol away: it is not JSON. */
function withoutEnd() {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return new TransformStream({
    transform: (chunk, controller) =>
      controller.enqueue(encoder.encode(decoder.decode(chunk, { stream: true }).replace('data: [DONE]\n\n', ''))),
  });
}

/** The worker's CPU for each piece of a model's text. */
async function cpu() {
  const talker = await startTalker({ words: WORDS, pauseMs: PAUSE_MS });
  const worker = await startWorker({ llm: { url: talker.url }, shop: NO_LIMITS });
  const pid = worker.server?.child.pid;
  const read = async (/** @type {string} */ conversation) => {
    for await (const { data } of frames(await send(worker, conversation, turn(QUESTION)))) {
      if (data?.type === 'done' && data.status !== 'complete') throw new Error(JSON.stringify(data));
    }
  };
  try {
    const conversations = await Promise.all(Array.from({ length: STREAMS }, () => converse(worker)));
    await read(await converse(worker));
    const before = cpuMs(pid);
    await Promise.all(conversations.map(read));
    const ms = cpuMs(pid) - before;
    const pieces = STREAMS * WORDS;
    return { cpu_per_piece: { unit: 'ms', mean: Number((ms / pieces).toFixed(4)), count: pieces } };
  } finally {
    await worker.kill();
    await talker.stop();
  }
}

if (!litellm) throw new Error('AISLE_LITELLM does not say where LiteLLM is');
print({ ...(await firstToken()), ...(await cpu()) });
