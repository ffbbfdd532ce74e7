/** The engine in Wasm, under Node.js. */

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { dist, stage } from './paths.mjs';
import { temporaryFolder } from './processes.mjs';

/** @typedef {{script: string, wasm: string}} Module */

/** The very files that browsers get. @returns {Module} */
export function shipped() {
  const assets = join(dist, 'site/assets');
  const asset = (/** @type {RegExp} */ pattern) => {
    const name = readdirSync(assets).find((name) => pattern.test(name));
    assert.ok(name, `no file like ${pattern} in ${assets}`);
    return join(assets, name);
  };
  return { script: asset(/^engine-[0-9a-f]+\.js$/), wasm: asset(/^engine-[0-9a-f]+\.wasm$/) };
}

/** The same engine before anything was taken out of it. @returns {Module} */
export const untrimmed = () => ({
  script: join(stage, 'aisle-engine-whole/engine.js'),
  wasm: join(stage, 'aisle-engine-whole/engine_bg.wasm'),
});

/**
 * Opens an artifact in it.
 * @param {Module} module
 * @param {string} artifact folder
 */
export async function openEngine({ script, wasm }, artifact) {
  // Node takes a file for a module by its name.
  const glue = join(temporaryFolder(), 'engine.mjs');
  copyFileSync(script, glue);
  const { default: start, Search } = await import(pathToFileURL(glue).href);
  await start({ module_or_path: readFileSync(wasm) });
  const read = (/** @type {string} */ file) => readFileSync(join(artifact, file));
  const search = Search.open(read('manifest.json'), read('index.bin'));
  return search.load(read('encoder.onnx'), read('ranker.onnx'));
}
