/**
 * Personal data of a client that does not mask it on the device: it is in no prompt, no history, no
 * export, no log and in no file on the disk.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { adminEnv, administer, lines } from '../support/admin.mjs';
import { converse, history, send, turn } from '../support/api.mjs';
import { filesWith } from '../support/disk.mjs';
import { startProvider } from '../support/provider.mjs';
import { events, textOf } from '../support/sse.mjs';
import { startWorker } from '../support/worker.mjs';

/** What a shopper writes, by what it is called afterwards. @type {Record<string, string>} */
const DATA = {
  'card number': '4111 1111 1111 1111',
  'email address': 'ann.lee@customer.example',
  'phone number': '+44 20 7946 0958',
  'bank account': 'GB29 NWBK 6016 1331 9268 19',
};

/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  // A model that repeats whatever it was told.
  provider = await startProvider((completion) => {
    completion.say(completion.body.messages.at(-1).content);
    completion.finish();
  });
  worker = await startWorker({ llm: { url: provider.url }, env: adminEnv });
});
after(() => Promise.all([worker?.kill(), provider?.stop()]));

/** As it is written, and without the blanks between. @param {string} data */
const spellings = (data) => [data, data.replaceAll(' ', '')];

test('what was not masked on the device is masked before anything is done with it', async () => {
  const conversation = await converse(worker);
  const text = Object.values(DATA).map((data) => `you have ${data} of mine`).join(', ');
  const answer = await events(await send(worker, conversation, turn(text)));
  assert.equal(answer.at(-1)?.data.status, 'complete');
  const next = await events(await send(worker, conversation, turn('and what did I say before?')));
  assert.equal(next.at(-1)?.data.status, 'complete');

  const { messages } = await history(worker, conversation);
  assert.match(messages[0].text, /\[[\w -]+\]/, 'it is told that there was something');
  const exported = await lines(await administer(worker, '/privacy/export', { body: { conversation } }));
  assert.equal(exported.length, 1);
  await worker.stop();
  const places = {
    'the prompts': provider.completions.map(({ body }) => JSON.stringify(body)).join('\n'),
    'the answers': textOf([...answer, ...next]),
    'the history': JSON.stringify(messages),
    'the export': JSON.stringify(exported),
    'the log': worker.server?.lines.join('\n') ?? '',
  };
  assert.match(places['the prompts'], /of mine/);
  assert.match(places['the log'], /"route"/);
  for (const [name, data] of Object.entries(DATA)) {
    for (const spelt of spellings(data)) {
      for (const [place, held] of Object.entries(places)) {
        assert.ok(!held.includes(spelt), `${place} hold the ${name}: ${held}`);
      }
      assert.deepEqual(filesWith(worker.disk, spelt), [], `the disk holds the ${name}`);
    }
  }
  // That the disk would be found to hold it.
  assert.notDeepEqual(filesWith(worker.disk, 'and what did I say before?'), []);
});
