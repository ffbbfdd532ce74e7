/**
 * `kill -9` at every write of a turn, of an edit and of a deletion, whichever object writes: what
 * was told to anybody holds afterwards, and doing it again does it once.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { conversationPath, converse, history, request, send, turn } from '../support/api.mjs';
import { obeyShopper } from '../support/obedient.mjs';
import { eventually } from '../support/poll.mjs';
import { startProvider } from '../support/provider.mjs';
import { frames } from '../support/sse.mjs';
import { visitor, withSessions } from '../support/visitor.mjs';
import { NO_LIMITS, startWorker } from '../support/worker.mjs';
import { halting, killAtWrite } from '../support/write_points.mjs';

/** Most writes that one of these things could need. */
const MOST = 100;
const WISH = 'Call me.\nCALL hand_over {"reason":"Call the shopper"}';

/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** @type {Record<string, string>} */
let headers = {};
before(async () => {
  provider = await startProvider(obeyShopper);
  worker = await startWorker({
    folder: halting(),
    llm: { url: provider.url },
    shop: { ...NO_LIMITS, spend: { requests_per_day: 100_000 } },
    env: { ...adminEnv, ...withSessions },
  });
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** What a shopper was told of a turn. @typedef {{seq?: number, text: string, isDone?: boolean}} Told */

/**
 * Sends a turn, and writes down what is told.
 * @param {string} conversation
 * @param {object} body
 * @param {Told} told
 */
async function say(conversation, body, told) {
  const response = await send(worker, conversation, body, { headers });
  assert.equal(response.status, 200, response.ok ? '' : await response.text());
  told.text = '';
  for await (const { data } of frames(response)) {
    if (data?.type === 'accepted') told.seq = data.message_seq;
    if (data?.type === 'delta') told.text += data.text;
    if (data?.type === 'done') told.isDone = data.status === 'complete';
  }
}

/** @param {string} conversation */
const kept = async (conversation) => (await history(worker, conversation, 0, headers)).messages;

/** Messages as they can be told in advance. @param {any[]} messages */
const shown = (messages) => messages.map(({ seq, text, status }) => [seq, text, status]);

/** The wishes that the team has of a conversation. @param {string} conversation */
async function wishes(conversation) {
  const { tickets } = await (await administer(worker, '/tickets')).json();
  return tickets.filter((/** @type {any} */ one) => one.conversation === conversation).length;
}

/** How often the shop's list has a conversation. @param {string} conversation */
async function listed(conversation) {
  const all = await lines(await administer(worker, '/privacy/export', { body: { conversation } }));
  return all.filter(({ messages }) => messages).length;
}

/**
 * Kills at the first write, then at the second, and so on to the last; how many there were.
 * @param {import('node:test').TestContext} t
 * @param {(at: number) => Promise<boolean>} kill whether that write was reached
 */
async function everyWrite(t, kill) {
  let at = 0;
  do {
    at += 1;
    assert.ok(at < MOST, 'writes without end');
    // Each time another visitor: one alone may not read so much in a minute.
    headers = await visitor(worker, { headers: { 'x-test-address': '198.51.100.1' } });
  } while (await kill(at));
  t.diagnostic(`${at - 1} writes`);
  assert.ok(at > 3, `only ${at - 1} writes`);
}

/** What was told of a turn holds. @param {string} conversation @param {{text: string}} body @param {Told} told */
async function assertHolds(conversation, body, told, what = '') {
  const messages = await kept(conversation);
  if (told.seq) {
    const message = messages.find((/** @type {any} */ m) => m.seq === told.seq);
    assert.equal(message?.text, body.text, what);
  }
  if (told.isDone) {
    const answer = messages.find((/** @type {any} */ m) => m.seq === Number(told.seq) + 1);
    assert.deepEqual([answer?.text, answer?.status], [told.text, 'complete'], what);
  }
}

test('a conversation is opened and its first message answered', async (t) => {
  await everyWrite(t, async (at) => {
    const body = turn(WISH);
    /** @type {Told} */
    const told = { text: '' };
    let conversation = '';
    const act = async () => {
      // One that nobody was told of is nobody's; another is opened.
      conversation ||= await converse(worker, headers);
      await say(conversation, body, told);
    };
    const wasKilled = await killAtWrite(worker, at, act);
    if (wasKilled && conversation) {
      await assertHolds(conversation, body, told, `write ${at}`);
      if (told.seq) assert.equal(await listed(conversation), 1, `write ${at}`);
    }
    const before = { ...told };
    if (wasKilled) await act();
    assert.ok(told.isDone);
    if (before.seq) assert.equal(told.seq, before.seq);
    const expected = [[1, body.text, 'complete'], [2, told.text, 'complete']];
    assert.deepEqual(shown(await kept(conversation)), expected, `write ${at}`);
    assert.equal(await wishes(conversation), 1, `write ${at}`);
    assert.equal(await listed(conversation), 1, `write ${at}`);
    return wasKilled;
  });
});

test('the last message is edited', async (t) => {
  await everyWrite(t, async (at) => {
    const conversation = await converse(worker, headers);
    const first = turn('Do you sell mugs?\nSAY we do');
    await say(conversation, first, { text: '' });
    const body = turn('Do you sell plates?\nSAY we do', { replaces: [first.message_id] });
    /** @type {Told} */
    const told = { text: '' };
    const act = () => say(conversation, body, told);
    const wasKilled = await killAtWrite(worker, at, act);
    if (wasKilled) {
      // The one or the other, never both and never neither.
      const [message, ...more] = (await kept(conversation)).filter((/** @type {any} */ m) => m.role === 'shopper');
      assert.ok([first.text, body.text].includes(message?.text), `write ${at}`);
      assert.equal(more.length, 0, `write ${at}`);
      await assertHolds(conversation, body, told, `write ${at}`);
      await act();
    }
    const expected = [[3, body.text, 'complete'], [4, told.text, 'complete']];
    assert.deepEqual(shown(await kept(conversation)), expected, `write ${at}`);
    assert.equal((await send(worker, conversation, first, { headers })).status, 400, 'it does not come back');
    return wasKilled;
  });
});

test('a conversation is deleted', async (t) => {
  await everyWrite(t, async (at) => {
    const conversation = await converse(worker, headers);
    await say(conversation, turn(WISH), { text: '' });
    /** @type {number[]} */
    const statuses = [];
    const act = async () => {
      const response = await request(worker, conversationPath(conversation, ''), { method: 'DELETE', headers });
      statuses.push(response.status);
    };
    const wasKilled = await killAtWrite(worker, at, act);
    if (wasKilled) await act();
    assert.ok(statuses.every((status) => [204, 404].includes(status)), `write ${at}: ${statuses}`);
    const gone = async () => {
      const asked = await request(worker, conversationPath(conversation, '/messages'), { headers });
      return asked.status === 404 && (await wishes(conversation)) === 0 && (await listed(conversation)) === 0;
    };
    await eventually(`everything is gone, after write ${at}`, gone);
    return wasKilled;
  });
});
