/**
 * 2,000 answers of a model at a time on one workerd, each word paced: how many come whole, what
 * the worker's memory comes to, and how soon a request to the model ends whose shopper leaves, when
 * one leaves after the other while the rest read on, and when everybody leaves at once.
 */

import { setTimeout } from 'node:timers/promises';

import { converse, send, turn } from '../support/api.mjs';
import { print, quantile, spread } from '../support/figures.mjs';
import { eventually } from '../support/poll.mjs';
import { frames } from '../support/sse.mjs';
import { WORD, startTalker } from '../support/talker.mjs';
import { cpuMs, memoryMb } from '../support/usage.mjs';
import { visitor, withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const STREAMS = 2_000;
/** Conversations that are opened at a time, and shoppers who ask in a second. */
const AT_A_TIME = 50;
/** Shoppers who leave one after the other, and how many of them in a second. */
const LEAVERS = 300;
const LEAVERS_PER_S = 50;

/** The shoppers whom the model answers, by their number. @type {Map<number, {closed?: number}>} */
const answered = new Map();
/** Notes which shopper a request is for, and when it ends. @param {string} body */
function watch(body) {
  const number = Number(/Shopper (\d+):/.exec(body)?.[1]);
  /** @type {{closed?: number}} */
  const request = {};
  answered.set(number, request);
  return () => (request.closed = performance.now());
}

/** Long enough that the last one asks before the first one is answered. */
const talker = await startTalker({ words: 80, pauseMs: 1_000, watch });
const worker = await startWorker({ llm: { url: talker.url }, shop: NO_LIMITS, env: withSessions });

/** @type {{headers: Record<string, string>, conversation: string}[]} */
const shoppers = [];
async function arrive() {
  const address = `198.18.${shoppers.length >> 8}.${shoppers.length & 255}`;
  const headers = await visitor(worker, { headers: { 'x-test-address': address } });
  return { headers, conversation: await converse(worker, headers) };
}
async function open() {
  while (shoppers.length < STREAMS) {
    shoppers.push(...(await Promise.all(Array.from({ length: AT_A_TIME }, arrive))));
  }
}

/** Reads an answer; whether the model's came whole. */
async function read(/** @type {number} */ number, /** @type {AbortSignal | undefined} */ signal) {
  const { headers, conversation } = shoppers[number];
  const sentAt = performance.now();
  let first = NaN;
  let isOfModel = false;
  try {
    const body = turn(`Shopper ${number}: What are your mugs made of?`);
    const response = await send(worker, conversation, body, { signal, headers });
    for await (const { data } of frames(response)) {
      if (data?.type === 'delta') {
        first ||= performance.now() - sentAt;
        isOfModel ||= data.text.includes(WORD);
      }
      if (data?.type === 'done') return { isWhole: isOfModel && data.status === 'complete', first };
    }
  } catch {
    // Dropped, or left.
  }
  return { isWhole: false, first };
}

/** Everybody asks, one group a second. */
const askAll = (/** @type {AbortController[]} */ leave = []) =>
  shoppers.map(async (_, number) => {
    await setTimeout(Math.floor(number / AT_A_TIME) * 1_000);
    return read(number, leave[number]?.signal);
  });

/** Makes shoppers leave; ms from then to the end of each one's request to the model. */
async function leaving(
  /** @type {number[]} */ numbers,
  /** @type {AbortController[]} */ leave,
  /** @type {number} */ pauseMs,
) {
  const left = [];
  for (const number of numbers) {
    const request = answered.get(number);
    if (request && !request.closed) left.push({ request, at: performance.now() });
    leave[number].abort();
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
  const isOver = () => left.every(({ request }) => request.closed);
  await eventually('the model is left', isOver, 120_000);
  return left.map(({ request, at }) => (request.closed ?? NaN) - at);
}

const openAfter = (/** @type {number[]} */ ms) => ({ ...spread('ms', ms), p99: quantile(ms, 0.99) });

try {
  await open();
  const idle = memoryMb(worker, 'VmRSS');
  const before = cpuMs(worker);
  const answers = await Promise.all(askAll());
  const whole = answers.filter(({ isWhole }) => isWhole).length;
  const peak = memoryMb(worker, 'VmHWM');
  const cpu = cpuMs(worker) - before;

  // They ask again, and leave in the middle: some one after the other, then the rest at once.
  answered.clear();
  const leave = shoppers.map(() => new AbortController());
  let ended = 0;
  const reading = askAll(leave).map((answer) => answer.then(() => (ended += 1)));
  const all = () => talker.open() + ended >= STREAMS;
  await eventually('all of them are being answered, or were refused', all, 120_000);
  const every = Math.floor(STREAMS / LEAVERS);
  const isLeaver = (/** @type {number} */ at) => at % every === 0 && at < LEAVERS * every;
  const numbers = shoppers.map((_, number) => number);
  const oneByOne = await leaving(numbers.filter(isLeaver), leave, 1_000 / LEAVERS_PER_S);
  const atOnce = talker.open();
  const together = await leaving(numbers.filter((at) => !isLeaver(at)), leave, 0);
  await Promise.all(reading);

  print({
    streams: { unit: 'at a time', count: STREAMS, whole, dropped: STREAMS - whole },
    first_text: spread('ms', answers.map(({ first }) => first).filter(Number.isFinite)),
    cpu: { unit: 's', all: Math.round(cpu / 1_000) },
    memory: { unit: 'MB', before: Math.round(idle), peak: Math.round(peak) },
    upstream_open_after_one_leaves: openAfter(oneByOne),
    being_answered_when_all_leave: { unit: 'at a time', count: atOnce },
    upstream_open_after_all_leave: openAfter(together),
  });
} finally {
  await worker.kill();
  await talker.stop();
}
