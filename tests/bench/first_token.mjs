/**
 * How long a shopper waits for the first words of the worker's own answer, and for the whole of
 * it: over HTTP on this machine, from sending the turn to the frame. Every turn begins a new
 * conversation, which is opened before time runs.
 */

import { converse, send, turn } from '../support/api.mjs';
import { print, spread } from '../support/figures.mjs';
import { frames } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const TURNS = 200;

const QUESTIONS = [
  'How long do I have to return something?',
  'regency cakestand',
  'Do you deliver to Ireland and what does it cost?',
  'my parcel arrived broken',
  'something for a gardener',
];

const worker = await startWorker();
try {
  /** @type {Record<'accepted' | 'delta' | 'done', number[]>} */
  const times = { accepted: [], delta: [], done: [] };
  for (let at = -QUESTIONS.length; at < TURNS; at += 1) {
    const conversation = await converse(worker);
    const body = turn(QUESTIONS[(at + QUESTIONS.length) % QUESTIONS.length]);
    const sentAt = performance.now();
    const response = await send(worker, conversation, body);
    const seen = new Set();
    for await (const { data } of frames(response)) {
      const isFirst = data && !seen.has(data.type);
      seen.add(data?.type);
      // The first turns open the index and warm the runtime.
      if (at >= 0 && isFirst && data.type in times) {
        times[/** @type {keyof typeof times} */ (data.type)].push(performance.now() - sentAt);
      }
    }
    if (!seen.has('done')) throw new Error(`no whole answer to ${body.text}`);
  }
  print({
    accepted: spread('ms', times.accepted),
    first_token: spread('ms', times.delta),
    whole_answer: spread('ms', times.done),
  });
} finally {
  await worker.kill();
}
