/** A shop whose artifact is damaged or missing is told apart from one that is not served. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { converse, history, request, send, shopPath, turn } from '../support/api.mjs';
import { dist } from '../support/paths.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { startWorker } from '../support/worker.mjs';

/** @type {Set<Awaited<ReturnType<typeof startWorker>>>} */
const workers = new Set();
after(() => Promise.all([...workers].map((worker) => worker.kill())));

/** A worker over a copy of the artifact that `damage` has had in its hands. */
async function withDamage(/** @type {(index: string) => void} */ damage) {
  const artifacts = join(temporaryFolder(), 'artifacts');
  cpSync(join(dist, 'artifacts'), artifacts, { recursive: true });
  damage(join(artifacts, 'demo/index.bin'));
  const worker = await startWorker({ artifacts });
  workers.add(worker);
  return worker;
}

/** @type {[string, (index: string) => void][]} */
const DAMAGES = [
  ['is missing', (index) => rmSync(index)],
  ['is empty', (index) => writeFileSync(index, '')],
  ['is cut short', (index) => writeFileSync(index, readFileSync(index).subarray(0, -1))],
  ['has one bit flipped', (index) => {
    const bytes = readFileSync(index);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(index, bytes);
  }],
  ['is something else', (index) => writeFileSync(index, Buffer.alloc(10_000, 'x'))],
];

for (const [what, damage] of DAMAGES) {
  test(`an index that ${what}: 503 artifact_unavailable, and nothing is lost`, async () => {
    const worker = await withDamage(damage);
    assert.equal((await request(worker, '/healthz')).status, 200);
    assert.equal((await request(worker, shopPath('/config'))).status, 200);
    const conversation = await converse(worker);
    const response = await send(worker, conversation, turn('Do you have mugs?'));
    assert.equal(response.status, 503);
    const { error } = await response.json();
    assert.equal(error.code, 'artifact_unavailable');
    assert.equal(error.retryable, true);
    assert.equal((await history(worker, conversation)).last_seq, 0);
  });
}

test('an index that is repaired is taken up without a restart', async () => {
  const good = readFileSync(join(dist, 'artifacts/demo/index.bin'));
  let index = '';
  const worker = await withDamage((path) => {
    index = path;
    writeFileSync(path, good.subarray(0, 100));
  });
  const conversation = await converse(worker);
  const refused = await send(worker, conversation, turn('Do you have mugs?'));
  assert.equal(refused.status, 503);
  await refused.text();
  writeFileSync(index, good);
  const answered = await send(worker, conversation, turn('Do you have mugs?'));
  assert.equal(answered.status, 200);
  await answered.text();
});
