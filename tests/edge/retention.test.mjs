/** Conversations end when their time is over, whatever happens to the worker meanwhile. */

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { converse, history, send, turn } from '../support/api.mjs';
import { filesWith } from '../support/disk.mjs';
import { eventually } from '../support/poll.mjs';
import { events } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

const WORD = 'xylophone';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
afterEach(() => worker?.kill());

const start = (/** @type {object} */ retention) =>
  startWorker({ shop: { retention }, env: adminEnv }).then((started) => {
    worker = started;
  });

const listed = async () => lines(await administer(worker, '/conversations'));

test('a conversation ends so long after its last message, and no byte of it is left', async () => {
  await start({ seconds: 2 });
  const conversation = await converse(worker);
  await events(await send(worker, conversation, turn(`Do you sell a ${WORD}?`)));
  assert.equal((await listed()).length, 1);
  await eventually('it is gone', () => history(worker, conversation).then(() => false, (error) => {
    assert.match(String(error), /404/);
    return true;
  }));
  await eventually('it is unlisted', async () => (await listed()).length === 0);
  await worker.kill();
  assert.deepEqual(filesWith(worker.disk, WORD), []);
});

test('its end survives kill -9', async () => {
  await start({ seconds: 3 });
  const conversation = await converse(worker);
  await events(await send(worker, conversation, turn(`Do you sell a ${WORD}?`)));
  await worker.kill();
  assert.notDeepEqual(filesWith(worker.disk, WORD), []);
  await worker.start();
  // Nobody touches the conversation: its alarm alone wakes it.
  await eventually('no byte is left', () => filesWith(worker.disk, WORD).length === 0, 20_000);
  await assert.rejects(history(worker, conversation), /404/);
});

test('what is kept until somebody asks stays', async () => {
  await start({ days: 0 });
  const conversation = await converse(worker);
  await events(await send(worker, conversation, turn(`Do you sell a ${WORD}?`)));
  await worker.kill();
  await worker.start();
  assert.equal((await history(worker, conversation)).last_seq, 2);
});
