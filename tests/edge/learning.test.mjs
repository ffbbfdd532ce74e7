/** What shoppers say teaches the shop: from conversations to the trainer, as a merchant does it. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { adminEnv, administer } from '../support/admin.mjs';
import { converse, send, turn } from '../support/api.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { events } from '../support/sse.mjs';
import { aisle } from '../support/trainer.mjs';
import { startWorker } from '../support/worker.mjs';

const UNKNOWN = 'Do you sell a xylophone?';
const KNOWN = 'how do I send a jumper back to you?';

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
before(async () => {
  worker = await startWorker({ env: adminEnv });
});
after(() => worker?.kill());

/** A conversation of these messages. @param {[text: string, intent?: string][]} messages */
async function say(...messages) {
  const conversation = await converse(worker);
  for (const [text, intent] of messages) {
    await events(await send(worker, conversation, turn(text, { intent })));
  }
}

test('an unanswered question is listed, and a thanked answer is learnt from', async () => {
  await say([KNOWN, 'start_return'], ['brilliant, thanks', 'closing'], [UNKNOWN]);
  await say([UNKNOWN, 'Not an intent: <script>']);
  const reply = await administer(worker, '/conversations?since=0');
  assert.equal(reply.status, 200);

  const folder = temporaryFolder();
  const [shop, exported, artifact] = ['shop', 'chats.jsonl', 'artifact'].map((name) => join(folder, name));
  mkdirSync(shop);
  writeFileSync(join(shop, 'shop.toml'), 'name = "Shop"\ncurrency = "GBP"\n');
  const products = 'Handle,Title,Variant SKU,Variant Price\nred-mug,Red Mug,M1,4\n';
  writeFileSync(join(shop, 'products.csv'), products);
  writeFileSync(exported, await reply.text());

  const imported = JSON.parse(aisle('import', 'chats', '--from', exported, '--shop', shop, '--json'));
  assert.deepEqual([imported.added, imported.warning_count], [2, 0]);
  const kept = readFileSync(join(shop, 'chats.jsonl'), 'utf8').trim().split('\n');
  const told = kept.flatMap((line) => JSON.parse(line).messages)
    .filter((message) => message.role === 'shopper')
    .map(({ text, intent, answered }) => [text, intent ?? null, answered ?? null]);
  assert.deepEqual(told.sort(), [
    [UNKNOWN, null, false],
    [UNKNOWN, null, false],
    ['brilliant, thanks', 'closing', null],
    [KNOWN, 'start_return', true],
  ]);

  const trained = JSON.parse(
    aisle('train', '--shop', shop, '--out', artifact, '--epochs', '0', '--json'),
  );
  assert.deepEqual([trained.chats, trained.confirmed, trained.unanswered], [2, 1, 1]);
  const unanswered = readFileSync(join(artifact, 'unanswered.tsv'), 'utf8');
  assert.equal(unanswered, `count\tquestion\n2\t${UNKNOWN}\n`);
});
