/**
 * A shopper who goes away at each stage of a turn: the request to the model ends soon, what is kept
 * is in order, and the conversation goes on.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';

import { conversationPath, converse, history, resume, send, turn } from '../support/api.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, frames, textOf, until } from '../support/sse.mjs';
import { ORIGIN, startWorker } from '../support/worker.mjs';

/** How soon the request to the model is to end. */
const AIM_MS = 500;
/** How soon it must end, on a machine that has other work. */
const LIMIT_MS = 2_000;

const ASKED = 'Tell me about your mugs';

const provider = await startProvider();
after(() => provider.stop());
const worker = await startWorker({ llm: { url: provider.url } });
after(() => worker.kill());

/** Sends a turn whose connection can be left. @param {string} conversation */
function begin(conversation, body = turn(ASKED)) {
  const leave = new AbortController();
  const response = send(worker, conversation, body, { signal: leave.signal });
  response.catch(() => {});
  return { id: body.message_id, response, leave: () => leave.abort() };
}

/**
 * What the shopper has done when they go: how they go, which request to the model ends with it, and
 * what is kept of the answer.
 * @type {Record<string, (conversation: string) => Promise<{leave: () => void,
 *   completion: import('../support/provider.mjs').Completion, kept: string}>>}
 */
const STAGES = {
  'before the model says anything': async (conversation) => {
    const { response, leave } = begin(conversation);
    const completion = await provider.next();
    await until(frames(await response), 'accepted');
    return { leave, completion, kept: '' };
  },
  'when the model has opened its stream': async (conversation) => {
    const { leave } = begin(conversation);
    const completion = await provider.next();
    completion.write(': hello\n\n');
    return { leave, completion, kept: '' };
  },
  'after the first word': async (conversation) => {
    const { response, leave } = begin(conversation);
    const completion = await provider.next();
    completion.say('Our mugs a');
    await until(frames(await response), 'delta');
    return { leave, completion, kept: 'Our mugs ' };
  },
  'in the step after a tool': async (conversation) => {
    const { leave } = begin(conversation);
    const first = await provider.next();
    first.call('search_products', { query: 'mug' });
    first.finish();
    return { leave, completion: await provider.next(), kept: '' };
  },
  'as the last of two readers': async (conversation) => {
    const { id, response, leave } = begin(conversation);
    const completion = await provider.next();
    completion.say('Our mugs a');
    await until(frames(await response), 'delta');
    const second = new AbortController();
    const other = frames(await resume(worker, conversation, id, undefined, { signal: second.signal }));
    await until(other, 'delta');
    // The first one goes, and the answer goes on for the second.
    leave();
    completion.say('re sturdy a');
    await until(other, 'delta');
    return { leave: () => second.abort(), completion, kept: 'Our mugs are sturdy ' };
  },
};

/** The conversation goes on: another turn is answered and kept. @param {string} conversation @param {any[]} before */
async function goesOn(conversation, before) {
  const body = turn('And the saucers?');
  const answering = send(worker, conversation, body);
  const completion = await provider.next();
  assert.match(completion.prompt, /saucers/);
  completion.say('They are flat.');
  completion.finish();
  assert.equal(textOf(await events(await answering)), 'They are flat.');
  const { messages } = await history(worker, conversation);
  assert.deepEqual(
    messages.map((/** @type {any} */ m) => [m.seq, m.text, m.status]),
    [...before, [body.text, 'complete'], ['They are flat.', 'complete']].map((row, at) => [at + 1, ...row]),
  );
}

describe('a shopper who goes', () => {
  for (const [stage, reach] of Object.entries(STAGES)) {
    test(stage, async (t) => {
      const conversation = await converse(worker);
      const { leave, completion, kept } = await reach(conversation);
      const leftAt = performance.now();
      leave();
      const { at, isWhole } = await completion.closed;
      assert.equal(isWhole, false);
      t.diagnostic(`the request to the model ended after ${(at - leftAt).toFixed(0)} ms (aim: ${AIM_MS})`);
      assert.ok(at - leftAt <= LIMIT_MS, `after ${at - leftAt} ms`);
      await goesOn(conversation, [[ASKED, 'complete'], [kept, 'interrupted']]);
    });
  }

  for (const [what, length] of /** @type {const} */ ([['half', 'content-length: 600'], ['a part', 'transfer-encoding: chunked']])) {
    test(`when ${what} of the message is sent (${length})`, async () => {
      const conversation = await converse(worker);
      const socket = connect(worker.port, '127.0.0.1');
      await once(socket, 'connect');
      const start = JSON.stringify(turn(ASKED)).slice(0, 60);
      const body = length.startsWith('t') ? `${start.length.toString(16)}\r\n${start}\r\n` : start;
      const head = [
        `POST ${conversationPath(conversation, '/turns')} HTTP/1.1`, 'host: x', `origin: ${ORIGIN}`,
        'content-type: application/json', length,
      ];
      await new Promise((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, resolve));
      socket.destroy();
      await once(socket, 'close');
      await goesOn(conversation, []);
    });
  }

  test('while the shop’s documents answer', async () => {
    const alone = await startWorker();
    try {
      const conversation = await converse(alone);
      const leave = new AbortController();
      const question = turn('How long do I have to return something?');
      const response = await send(alone, conversation, question, { signal: leave.signal });
      await until(frames(response), 'accepted');
      leave.abort();
      const { text, status } = await eventually('the answer has ended', async () => {
        const { messages } = await history(alone, conversation);
        return messages[1]?.status !== 'streaming' && messages[1];
      });
      assert.ok(['complete', 'interrupted'].includes(status), status);
      // Whole for whoever asks again, under the same number.
      const again = await events(await send(alone, conversation, question));
      assert.match(textOf(again), /30 days/);
      assert.ok(textOf(again).startsWith(text) || status === 'interrupted');
      assert.equal((await history(alone, conversation)).last_seq, 2);
      const next = await events(await send(alone, conversation, turn('regency cakestand')));
      assert.equal(next.at(-1)?.data.status, 'complete');
      assert.equal((await history(alone, conversation)).last_seq, 4);
    } finally {
      await alone.kill();
    }
  });
});
