/** `aisle publish` and `aisle rollback` against a worker. */

import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { adminEnv, adminKey } from '../support/admin.mjs';
import { request, shopPath } from '../support/api.mjs';
import { dist } from '../support/paths.mjs';
import { temporaryFolder } from '../support/processes.mjs';
import { aisle, aisleFails, aisleIn } from '../support/trainer.mjs';
import { SHOP, startWorker } from '../support/worker.mjs';

const FIRST = join(dist, 'artifacts', SHOP);

/** @type {Awaited<ReturnType<typeof startWorker>>} */
let worker;
/** Another artifact, and one that is damaged. */
let [second, damaged] = ['', ''];
before(async () => {
  const folder = temporaryFolder();
  aisle('generate-store', '--out', folder, '--products', '6', '--orders', '0', '--models', FIRST);
  second = join(folder, 'artifact');
  damaged = join(folder, 'damaged');
  cpSync(second, damaged, { recursive: true });
  writeFileSync(join(damaged, 'index.bin'), 'not an index');
  worker = await startWorker({ env: adminEnv });
});
after(() => worker?.kill());

const env = { AISLE_ADMIN_KEY: adminKey };
const target = () => ['--worker', worker.origin, '--shop', SHOP];
const publish = (/** @type {string} */ artifact) =>
  JSON.parse(aisleIn(env, 'publish', ...target(), '--artifact', artifact, '--json'));
const rollback = (/** @type {string[]} */ ...more) =>
  JSON.parse(aisleIn(env, 'rollback', ...target(), '--json', ...more));

/** Where the shop's pages are sent for the artifact's files. */
async function served() {
  const { artifact } = await (await request(worker, shopPath('/config'))).json();
  const manifest = await (await fetch(`${worker.origin}${artifact}/manifest.json`)).json();
  return { artifact, shop: manifest.shop };
}

const FOLDER = { artifact: `/artifacts/${SHOP}`, shop: 'Fernside & Co' };
const of = (/** @type {string} */ id, /** @type {string} */ shop) =>
  ({ artifact: `/artifacts/${SHOP}/${id}`, shop });

test('what is published is served, and what was before comes back', async () => {
  assert.deepEqual(await served(), FOLDER);
  const one = publish(FIRST);
  assert.deepEqual(await served(), of(one.current, 'Fernside & Co'));
  const two = publish(second);
  assert.notEqual(two.current, one.current);
  assert.deepEqual(two.published.map((/** @type {any} */ it) => it.id), [two.current, one.current]);
  assert.deepEqual(await served(), of(two.current, 'Tarn & Thistle'));
  assert.deepEqual(rollback('--list'), two);
  assert.deepEqual(await served(), of(two.current, 'Tarn & Thistle'));

  assert.equal(rollback().current, one.current);
  assert.deepEqual(await served(), of(one.current, 'Fernside & Co'));
  assert.equal(rollback('--to', two.current).current, two.current);
  await worker.kill();
  await worker.start();
  assert.deepEqual(await served(), of(two.current, 'Tarn & Thistle'));
  // The same files again are the same artifact.
  assert.equal(publish(FIRST).current, one.current);
  assert.equal(rollback('--to', 'folder').current, null);
  assert.deepEqual(await served(), FOLDER);
});

test('what is refused changes nothing and says why', async () => {
  const asked = target();
  const list = ['rollback', ...asked, '--list'];
  for (const [args, more, told] of /** @type {[string[], Record<string, string>, RegExp][]} */ ([
    [['publish', ...asked, '--artifact', damaged], env, /index\.bin|artifact/],
    [['publish', ...asked, '--artifact', join(second, 'nowhere')], env, /cannot be read/],
    [['rollback', ...asked, '--to', 'never-published'], env, /no artifact of that id/],
    [['rollback', ...asked], env, /nothing before it/],
    [list, { AISLE_ADMIN_KEY: 'another key' }, /key/],
    [list, { AISLE_ADMIN_KEY: '' }, /AISLE_ADMIN_KEY/],
    [['rollback', '--worker', 'http://chat.example', '--shop', SHOP], env, /https/],
  ])) {
    assert.match(aisleFails(more, ...args), told, args.join(' '));
    assert.deepEqual(await served(), FOLDER);
  }
});
