/**
 * Shoppers who go on asking while the worker is killed under them. Each of them keeps what was
 * acknowledged, reads answers on by event id, and in the end compares it with what is kept.
 */

import assert from 'node:assert/strict';

import { converse, history, send, turn } from './api.mjs';
import { eventually, signal } from './poll.mjs';
import { frames } from './sse.mjs';
import { visitor } from './visitor.mjs';

/** How long a shopper tries: as often as the worker is killed, an answer may begin anew. */
const PATIENCE_MS = 600_000;
/** The same where the worker is away once. */
export const SHORT_PATIENCE_MS = 60_000;

/** @typedef {import('./worker.mjs').Worker} Worker */

/** A shopper with one conversation. */
export class Shopper {
  /**
   * @param {Worker} worker
   * @param {(type: string) => void} onEvent told the type of each event that is read
   * @param {number} [patienceMs]
   */
  constructor(worker, onEvent, patienceMs = PATIENCE_MS) {
    this.worker = worker;
    this.onEvent = onEvent;
    this.patienceMs = patienceMs;
    /** Of the visitor's session. @type {Record<string, string>} */
    this.headers = {};
    this.conversation = '';
    /** What was sent, in order. @type {{id: string, text: string, seq: number, answer: string}[]} */
    this.sent = [];
    this.resumed = 0;
  }

  /** Opens the conversation. */
  async arrive() {
    const { worker } = this;
    this.headers = await eventually('a session', () => visitor(worker), this.patienceMs);
    const opened = () => converse(worker, this.headers);
    this.conversation = await eventually('a conversation', opened, this.patienceMs);
  }

  /** Asks one question after the other until it is told to stop. */
  async go(/** @type {() => boolean} */ isOver) {
    await this.arrive();
    while (!isOver()) await this.ask();
  }

  async ask() {
    const body = turn(`Question ${this.sent.length + 1}: what are your mugs made of?`);
    const record = { id: body.message_id, text: body.text, seq: 0, answer: '' };
    this.sent.push(record);
    const read = { epoch: 0, bytes: Buffer.alloc(0) };
    // Sent again until it is whole, each time from where reading was cut.
    await eventually(`an answer to ${record.text}`, () => this.follow(body, record, read), this.patienceMs);
    record.answer = read.bytes.toString();
  }

  /** Reads as far as the connection goes; true if that was to the end of a whole answer. */
  async follow(/** @type {any} */ body, /** @type {any} */ record, /** @type {any} */ read) {
    const after = read.epoch ? `?after=${read.epoch}-${read.bytes.length}` : '';
    const { headers } = this;
    const response = await send(this.worker, this.conversation, body, { after, headers });
    if (!response.ok) throw new Error(await response.text());
    if (after) this.resumed += 1;
    for await (const { id, data } of frames(response)) {
      if (!data) continue;
      this.onEvent(data.type);
      const [epoch, bytes] = (id ?? '').split('-').map(Number);
      if (data.type === 'accepted') {
        assert.ok(!record.seq || record.seq === data.message_seq, 'a message changes its number');
        record.seq = data.message_seq;
        read.bytes = epoch === read.epoch ? read.bytes.subarray(0, bytes) : Buffer.alloc(0);
        read.epoch = epoch;
      } else if (data.type === 'delta') {
        read.bytes = Buffer.concat([read.bytes, Buffer.from(data.text)]);
        assert.equal(read.bytes.length, bytes, 'a byte is missing or there twice');
      } else if (data.type === 'done') {
        return data.status === 'complete';
      }
    }
    return false;
  }

  /** Everything is kept once, in order, and as it was read. */
  async check() {
    const { messages } = await history(this.worker, this.conversation, 0, this.headers);
    assert.deepEqual(
      messages.map((/** @type {any} */ m) => [m.seq, m.text, m.status]),
      this.sent.flatMap(({ text, answer, seq }) => [
        [seq, text, 'complete'],
        [seq + 1, answer, 'complete'],
      ]),
    );
    const seqs = messages.map((/** @type {any} */ m) => m.seq);
    assert.deepEqual(seqs, seqs.map((/** @type {any} */ _, /** @type {number} */ at) => at + 1));
    return messages.length;
  }
}

/**
 * Kills the worker so many times, each after a random number of events that were read, and checks
 * every conversation.
 * @param {Worker} worker
 * @param {{kills: number, shoppers: number, seed: number}} options
 */
export async function crashUnderLoad(worker, { kills, shoppers: count, seed }) {
  let state = seed >>> 0;
  const random = () => {
    // Numerical Recipes' linear congruential generator: the points are to be had again.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let left = Infinity;
  let reached = signal();
  const onEvent = () => {
    left -= 1;
    if (left <= 0) reached.resolve(undefined);
  };
  let isOver = false;
  const shoppers = Array.from({ length: count }, () => new Shopper(worker, onEvent));
  const all = Promise.all(shoppers.map((shopper) => shopper.go(() => isOver)));
  const failed = all.then(() => undefined);
  for (let kill = 0; kill < kills; kill += 1) {
    reached = signal();
    // An answer is 14 events: on the average all shoppers get one between two kills.
    left = 1 + Math.floor(random() * 28 * count);
    await Promise.race([reached.promise, failed]);
    await worker.kill();
    await worker.start();
  }
  isOver = true;
  await all;
  let messages = 0;
  let resumed = 0;
  for (const shopper of shoppers) {
    messages += await shopper.check();
    resumed += shopper.resumed;
  }
  return { messages, resumed };
}
