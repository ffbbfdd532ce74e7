/**
 * 2,000 answers of a model at a time on one workerd, each word paced: how many come whole, what
 * the worker's memory comes to, and how soon the requests to the model end when everybody leaves.
 */

import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

import { converse, send, turn } from '../support/api.mjs';
import { print, quantile, spread } from '../support/figures.mjs';
import { eventually } from '../support/poll.mjs';
import { frames } from '../support/sse.mjs';
import { WORD, startTalker } from '../support/talker.mjs';
import { cpuMs, memoryMb } from '../support/usage.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';

const STREAMS = 2_000;
/** Conversations that are opened at a time, and shoppers who ask in a second. */
const AT_A_TIME = 50;

/** Long enough that the last one asks before the first one is answered. */
const talker = await startTalker({ words: 80, pauseMs: 1_000 });
const worker = await startWorker({ llm: { url: talker.url }, shop: NO_LIMITS });

/** @type {string[]} */
const conversations = [];
async function open() {
  while (conversations.length < STREAMS) {
    const opened = Array.from({ length: AT_A_TIME }, () => converse(worker));
    conversations.push(...(await Promise.all(opened)));
  }
}

/** Reads an answer; whether the model's came whole. */
async function read(/** @type {string} */ conversation, /** @type {AbortSignal | undefined} */ signal = undefined) {
  const sentAt = performance.now();
  let first = NaN;
  let isOfModel = false;
  try {
    const response = await send(worker, conversation, turn('What are your mugs made of?'), { signal });
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
const askAll = (/** @type {AbortSignal | undefined} */ signal = undefined) =>
  conversations.map(async (conversation, at) => {
    await setTimeout(Math.floor(at / AT_A_TIME) * 1_000);
    return read(conversation, signal);
  });

try {
  await open();
  const idle = memoryMb(worker, 'VmRSS');
  const before = cpuMs(worker);
  const answers = await Promise.all(askAll());
  const whole = answers.filter(({ isWhole }) => isWhole).length;
  const peak = memoryMb(worker, 'VmHWM');
  const cpu = cpuMs(worker) - before;

  // Everybody leaves in the middle of a second answer.
  const leave = new AbortController();
  setMaxListeners(0, leave.signal);
  let ended = 0;
  const reading = askAll(leave.signal).map((answer) => answer.then(() => (ended += 1)));
  const all = () => talker.open() + ended >= STREAMS;
  await eventually('all of them are being answered, or were refused', all, 120_000);
  const atOnce = talker.open();
  const leftAt = performance.now();
  leave.abort();
  /** @type {number[]} */
  const closed = [];
  await eventually('the model is left', () => {
    const ms = performance.now() - leftAt;
    while (closed.length < atOnce - talker.open()) closed.push(ms);
    return closed.length === atOnce;
  }, 120_000);
  await Promise.all(reading);

  print({
    streams: { unit: 'at a time', count: STREAMS, whole, dropped: STREAMS - whole },
    first_text: spread('ms', answers.map(({ first }) => first).filter(Number.isFinite)),
    cpu: { unit: 's', all: Math.round(cpu / 1_000) },
    memory: { unit: 'MB', before: Math.round(idle), peak: Math.round(peak) },
    being_answered_when_all_leave: { unit: 'at a time', count: atOnce },
    upstream_open_after_leaving: { ...spread('ms', closed), p99: quantile(closed, 0.99) },
  });
} finally {
  await worker.kill();
  await talker.stop();
}
